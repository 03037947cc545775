"""Products: kinds of device."""
