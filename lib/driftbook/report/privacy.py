"""Redaction with one key per machine, so that every file of a report shows the same marks."""

from __future__ import annotations

from driftbook.keys import read_key
from driftbook.redact import redact


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
