"""Devices created from a list in a file."""
