"""Packages and the links that devices download them by."""
