"""JSON Schemas that say what a product's configuration may be."""
