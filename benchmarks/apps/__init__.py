"""Programs that are started in a pseudo-terminal."""
