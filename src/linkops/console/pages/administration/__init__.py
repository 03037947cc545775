"""Who may do what, who hears of events, what was changed, and how the server is."""

from linkops.console.pages.administration import server, tokens, trail, user, users, webhook, webhooks

__all__ = ["server", "tokens", "trail", "user", "users", "webhook", "webhooks"]
