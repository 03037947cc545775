"""Issuing certificates: for one device, with its own key or one made here, and for many at once."""
