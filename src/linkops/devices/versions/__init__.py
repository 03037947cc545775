"""What devices run, and how many run what."""
