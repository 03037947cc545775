"""How many devices run what, and how updates ended: ready for charts."""
