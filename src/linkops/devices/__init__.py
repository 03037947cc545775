"""Products and devices: who they are, how they prove it, and whether they are online."""
