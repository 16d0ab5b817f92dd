"""The Compare screen's values: what the person looks at, what the panes draw from, and the thread that computes it."""
