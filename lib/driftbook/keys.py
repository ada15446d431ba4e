"""The key of this machine's redaction, so that every file and every audit shows equal marks."""

from __future__ import annotations

import contextlib
import secrets
from functools import cache
from typing import TYPE_CHECKING

from driftbook.places import state_dir

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


def read_key() -> bytes | None:
    """Return the key of this machine's redaction, made once; ``None`` where none can be kept.

    Kernel and runner are two processes: without a common key the page and ``result.json`` would
    show different marks for one secret, and no two reports would be equal.
    """
    return _read_key(state_dir() / "redaction.key")


@cache
def _read_key(path: Path) -> bytes | None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError), path.open("xb") as file:
            path.chmod(0o600)
            file.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        return key if len(key) == KEY_BYTES else None
    return None
