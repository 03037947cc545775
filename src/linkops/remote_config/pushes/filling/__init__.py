"""Making the results of a new push: one a device, in chunks."""
