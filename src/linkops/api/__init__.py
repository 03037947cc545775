"""The HTTP door: the REST API, downloads for devices, metrics and health."""
