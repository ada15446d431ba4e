"""What a fork of a Python with everything imported does to be the program; run by path."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from typing import Any

from driftbook.cli import main
from driftbook.report import kernel, notebooks

given: dict[str, Any] = globals()["given"]  # see Program.__call__

os.environ.clear()
os.environ.update(given["environment"])
tempfile.tempdir = None  # to be read from the environment again
os.chdir(given["home"])
for number, (stream, path) in enumerate(given["streams"].items(), start=1):
    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    setattr(sys, stream, os.fdopen(number, "w", encoding="utf-8", closefd=False))
notebooks.SCHEDULED = given["scheduled"]
plain = kernel._argv  # noqa: SLF001 - see tests/kernels.py
kernel._argv = lambda private: (*given["kernel"], *list(plain(private))[2:])  # noqa: SLF001
sys.argv = ["driftbook", *given["arguments"]]
try:
    main()
finally:
    atexit._run_exitfuncs()  # noqa: SLF001 - what the end of an interpreter calls
    sys.stdout.flush()
    sys.stderr.flush()
