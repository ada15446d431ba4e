"""Redaction with one key per machine, so that every file of a report shows the same marks."""

from __future__ import annotations

import contextlib
import secrets
from functools import cache
from typing import TYPE_CHECKING

from driftbook.config import state_dir
from driftbook.redact import redact

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32


def read_key() -> bytes | None:
    """Return the key of this machine's reports, made once; ``None`` where none can be kept.

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


def conceal(text: str) -> str:
    """Return ``text`` with secrets redacted."""
    return redact(text, read_key())


def conceal_json(value: object) -> object:
    """Return a JSON value with secrets redacted in every text of it."""
    if isinstance(value, str):
        return conceal(value)
    if isinstance(value, dict):
        return {key: _conceal_entry(str(key), entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [conceal_json(entry) for entry in value]
    return value


def _conceal_entry(key: str, value: object) -> object:
    """Redact a value that only its key gives away: ``{"api_key": …}``."""
    if not isinstance(value, str):
        return conceal_json(value)
    opening = f'"{key}": "'
    beside = conceal(f'{opening}{value}"')
    return beside[len(opening) : -1] if beside.startswith(opening) else conceal(value)
