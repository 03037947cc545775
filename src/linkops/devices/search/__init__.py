"""Lists of devices: filters, sorting, pages."""
