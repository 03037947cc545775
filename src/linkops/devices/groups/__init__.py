"""Groups of devices: static ones in a tree, dynamic ones by a query."""
