"""Delivering events to webhooks, in order, until they are taken or given up."""
