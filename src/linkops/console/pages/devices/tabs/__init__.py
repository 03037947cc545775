"""The tabs of a device's page, one a file; each is built when it is first opened."""
