"""What a job offers to devices, and how the rate counts it."""
