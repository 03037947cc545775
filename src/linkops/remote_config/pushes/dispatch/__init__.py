"""Publishing pushes to devices that are online."""
