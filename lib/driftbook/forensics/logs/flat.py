"""JSON of logs: one object a line, or a list of them; nested ones are looked into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from driftbook.forensics.logs.record import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TextIO

    from driftbook.forensics.logs.record import Place

DEEPEST = 8
LONGEST_LINE = 32 * 1024 * 1024  # characters
LARGEST_LIST = 64 * 1024 * 1024  # a list is read as a whole


def read_objects(
    stream: TextIO, place: Place
) -> Iterator[tuple[str, Mapping[str, object]] | Damaged]:
    """Yield each object with its reference, nested keys beside the others, the outer one first."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        raw_ref = place.refer(number)
        if number == 1 and line.lstrip().startswith("["):
            yield from _read_list(line + stream.read(LARGEST_LIST), place)
            return
        if not line.strip():
            continue
        try:
            yield raw_ref, flatten(json.loads(line))
        except (ValueError, RecursionError) as error:
            yield Damaged(raw_ref, f"no JSON: {type(error).__name__}")


def _read_list(text: str, place: Place) -> Iterator[tuple[str, Mapping[str, object]] | Damaged]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        yield Damaged(
            place.refer(1), f"a list that is no JSON, or longer than {LARGEST_LIST} bytes"
        )
        return
    for number, one in enumerate(found, start=1):
        yield f"{place.name}[{number}]", flatten(one)


def flatten(value: object, depth: int = 0) -> dict[str, object]:
    """Return the scalars below ``value`` by their own keys; of equal keys the outermost wins."""
    if isinstance(value, list):
        return flatten(value[0], depth) if value else {}
    if not isinstance(value, dict) or depth > DEEPEST:
        return {}
    found: dict[str, object] = {}
    nested: list[object] = []
    for key, one in value.items():
        if isinstance(one, dict | list):
            nested.append(one)
        elif one is not None:
            found.setdefault(str(key).lower(), one)
    for one in nested:
        for key, inner in flatten(one, depth + 1).items():
            found.setdefault(key, inner)
    return found


def pick(found: Mapping[str, object], *names: str) -> str:
    """Return the first value that is there, as a text."""
    return next((str(found[name]) for name in names if name in found), "")
