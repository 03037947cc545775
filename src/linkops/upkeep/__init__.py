"""What those who run the server look at and do: its health, its settings, its backups."""
