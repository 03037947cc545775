"""Certificate authorities: our own, which issues, and those that operators bring along."""
