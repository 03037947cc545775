"""Making the tasks of a new job, a thousand devices at a time."""
