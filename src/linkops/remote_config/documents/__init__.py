"""Configuration documents: what is written, checked, merged and kept in versions."""
