"""The door for people with a browser: one page a file, the same services as REST (docs/console.md)."""

from linkops.console.app import Console

__all__ = ["Console"]
