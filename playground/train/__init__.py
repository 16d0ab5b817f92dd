"""The Train screen: what is known of each run, what is shown of it, and the process that trains."""
