"""How many devices there are: of each product, and of all."""
