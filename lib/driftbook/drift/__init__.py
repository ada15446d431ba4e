"""Comparing two snapshots: what differs, what is out of scope, what differs in form only."""
