"""What people read: the texts of refusals, for every door that answers people."""
