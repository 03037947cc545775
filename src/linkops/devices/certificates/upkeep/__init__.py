"""What becomes of certificates by the passing of time."""
