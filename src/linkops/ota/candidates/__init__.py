"""Which devices an update is for: found in chunks, so that a product of a million devices blocks nobody."""
