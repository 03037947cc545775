"""Files on their way into a package."""
