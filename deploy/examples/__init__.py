"""Starting points for a deployment of one's own; each is run by a test."""
