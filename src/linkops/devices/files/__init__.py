"""Files that devices uploaded: listed, downloaded and deleted by operators, and kept for a while."""
