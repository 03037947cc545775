"""What devices say and ask about their configuration."""
