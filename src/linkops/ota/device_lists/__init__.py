"""Lists of devices by name, uploaded for a job."""
