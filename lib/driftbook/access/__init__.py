"""Who reaches which rows: grants, memberships, owners, row level security and policies together.

``read`` takes from a snapshot what counts, ``reach`` judges one role and one privilege,
``moves`` compares two snapshots, and ``words`` says what was found.
"""
