"""What a job is told, or comes to, after it was made: edits, holds, stages, windows, start and finish."""
