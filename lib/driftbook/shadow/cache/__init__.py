"""Databases of earlier replays, kept under what decided them: adding one file replays one file."""
