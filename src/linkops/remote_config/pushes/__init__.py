"""Pushing a product's configuration to its devices, at once or in stages, and what became of it."""
