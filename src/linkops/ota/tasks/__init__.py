"""Tasks as people see them: lists, and canceling by device."""
