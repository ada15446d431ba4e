"""Which texts may differ in form only: on one major, those that name and do the same things.

PostgreSQL flattens ``(a or b) or c``, spreads the cast of a list and names a bare constant when
it reads its own text again: brackets, casts and aliases. Another major may write any text anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.drift.canonical import find_texts
from driftbook.drift.majors import major_of

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.catalog.snapshot import Snapshot

LITERAL = r"'(?:[^']|'')*'"
NAME = r'(?:"(?:[^"]|"")+"|\w+)'
TIME = r"time(?:stamp)?(?:\(\d\))? with(?:out)? time zone"
LONG = rf"character varying|bit varying|double precision|{TIME}"
CAST = rf"::(?:{LONG}|{NAME}(?:\.{NAME})?)(?:\(\d+(?:,\d+)?\))?(?:\[\])*"
SHAPELESS = re.compile(rf"({LITERAL}|\"(?:[^\"]|\"\")+\")|{CAST}|\bAS {NAME}|[()\s]")


def find_suspects(changes: pd.DataFrame, expected: Snapshot, live: Snapshot) -> pd.DataFrame:
    """Return the rows of ``changes`` whose two texts may mean the same."""
    texts = set(find_texts(changes))
    crosses = major_of(expected) != major_of(live)
    columns = (changes[name] for name in ("kind", "key", "property", "expected", "live"))
    suspected = [
        (kind, key, name) in texts and (crosses or read_shape(one) == read_shape(other))
        for kind, key, name, one, other in zip(*columns, strict=True)
    ]
    return changes[suspected].reset_index(drop=True)


def read_shape(text: str) -> str:
    """Return ``text`` without brackets, casts, aliases and spaces, but those in quotes."""
    return SHAPELESS.sub(lambda found: found[1] or "", text)
