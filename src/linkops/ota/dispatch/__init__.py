"""Pushing updates to devices at the rate of their job."""
