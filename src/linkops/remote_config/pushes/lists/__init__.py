"""What became of pushes, as people see it."""
