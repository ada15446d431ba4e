"""When did drift happen, and by which door: what the catalog's rows, clocks and logs remember."""
