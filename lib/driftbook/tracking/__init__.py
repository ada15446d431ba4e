"""The tracking table: what the migration tool claims was applied."""
