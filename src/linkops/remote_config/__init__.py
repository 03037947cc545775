"""Remote configuration: a product's document, narrower ones for groups and devices, and how devices come by them."""
