"""Dead letters: events that a webhook could not deliver."""
