"""What became of a package on every device that some job offered it to."""
