"""The parts of a product's devices."""
