"""Reading and writing tasks as the rules see them, with exact counters."""
