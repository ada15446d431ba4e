"""Reading a snapshot where nobody from here connects: by a psql script, an SQL editor, an RPC.

All of them run the queries of the live reader and give the same parts, as JSON: a head, one part
per frame, an end.
"""
