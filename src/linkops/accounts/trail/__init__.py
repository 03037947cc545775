"""Reading the audit trail and the event log, and forgetting what is too old."""
