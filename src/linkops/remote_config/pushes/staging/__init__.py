"""Stages of pushes under way."""
