"""SQL that makes one object of a snapshot, whatever its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.rules.ddl_access import Statements, comment
from driftbook.rules.ddl_rows import STORED
from driftbook.rules.ddl_standalone import STANDALONE
from driftbook.rules.ddl_tables import ON_TABLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftbook.rules.facts import Key, Side

BUILDERS: dict[str, Callable[..., Statements]] = {
    **STANDALONE,
    **ON_TABLES,
    **STORED,
    "comment": comment,
}


def build(side: Side, kind: str, key: Key, *, guard: bool = False) -> Statements:
    """Return the statements that make one object; none where only words would be right.

    Args:
        side: Where the object is.
        kind: Kind of the object.
        key: Its key.
        guard: Make statements that can run twice.
    """
    builder = BUILDERS.get(kind)
    return builder(side, key, guard=guard) if builder else []
