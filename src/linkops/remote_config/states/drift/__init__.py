"""Which devices do not have what they should."""
