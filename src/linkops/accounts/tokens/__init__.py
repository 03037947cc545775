"""Bearer tokens: of logins (sessions) and made by hand (API tokens)."""
