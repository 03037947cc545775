"""What devices tell and ask: progress, versions, pulls, coming online."""
