"""Which devices are in a group: reading them, putting them in one by one or from a list, taking them out."""
