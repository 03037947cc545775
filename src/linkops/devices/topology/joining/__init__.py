"""How sub-devices come to a gateway: what it found, and what it is asked to do about it."""
