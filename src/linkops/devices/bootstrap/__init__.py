"""Telling devices to ask again where to connect."""
