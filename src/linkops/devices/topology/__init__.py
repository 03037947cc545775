"""Which sub-devices hang on which gateway, and who is told when that changes."""
