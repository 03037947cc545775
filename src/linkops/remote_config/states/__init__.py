"""Which configuration each device is known to have."""
