"""The publisher's signature: a key pair per product, and what is signed with it."""
