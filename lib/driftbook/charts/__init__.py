"""Charts: one frame in, one figure out, the same bytes for the same data."""
