"""Who did what, and what happened: rows written inside the unit of work that they are about."""
