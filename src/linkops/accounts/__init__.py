"""People and programs that use LinkOps: accounts, roles, passwords, tokens, and the reading of the audit trail."""
