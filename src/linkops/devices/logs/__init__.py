"""Logs that devices upload while that is switched on."""
