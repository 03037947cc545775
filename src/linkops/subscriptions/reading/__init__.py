"""Reading the event log for applications."""
