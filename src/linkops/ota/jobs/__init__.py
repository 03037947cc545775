"""Creating, looking at and ending jobs."""
