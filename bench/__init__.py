"""Measures every figure that the README promises; `python -m bench` prints them as one table."""
