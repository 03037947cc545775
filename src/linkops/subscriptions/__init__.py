"""Carrying events to applications: signed webhooks with retries, and live streams."""
