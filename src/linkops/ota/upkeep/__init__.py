"""What becomes due by itself: time-outs, the end of jobs, and forgetting."""
