"""Training as the app sees it: what is known of each run, what the screen shows of it, and the process that does it."""
