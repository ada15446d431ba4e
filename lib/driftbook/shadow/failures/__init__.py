"""Why files fail: each failure with its class, what it misses, and the file it goes back to."""
