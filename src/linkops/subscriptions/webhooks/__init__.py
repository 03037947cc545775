"""Webhooks: create, change, delete, try out."""
