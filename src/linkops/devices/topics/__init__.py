"""Custom topics: where the devices of a product may publish and subscribe."""
