"""Devices that know only their product's secret, and come to one of their own."""
