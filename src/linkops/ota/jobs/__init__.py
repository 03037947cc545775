"""Looking at jobs, and ending them."""
