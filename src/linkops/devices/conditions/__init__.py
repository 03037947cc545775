"""What can be asked of a device, in one vocabulary for lists and for groups."""
