"""``python -m driftbook``."""

from driftbook.cli import main

main()
