"""Tags that devices set about themselves."""
