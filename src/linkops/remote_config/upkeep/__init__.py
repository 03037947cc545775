"""What is forgotten of documents: merges that no device is given any more, and bytes that nothing refers to."""
