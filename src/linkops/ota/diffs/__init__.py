"""Differential packages that LinkOps makes from two whole ones, and proves before they are offered."""
