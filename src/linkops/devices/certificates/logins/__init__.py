"""Logins with a certificate, judged inside the unit of work that judges all logins."""
