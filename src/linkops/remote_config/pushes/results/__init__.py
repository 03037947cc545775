"""What became of a push, device by device."""
