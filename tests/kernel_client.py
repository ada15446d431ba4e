"""What jupyter_client starts for a kernel of :mod:`tests.kernels`: imports next to nothing."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

address, *words = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect(address)
    given = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
    socket.send_fds(server, [json.dumps(given).encode()], [0, 1, 2])
    kernel = int(server.recv(32))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(kernel, number))
    code = int(server.recv(32) or 1)
sys.exit(code if code >= 0 else 128 - code)
