"""The bytes of documents and of what they give when they are merged."""
