"""What majors write into their catalogs by themselves, made alike where two are compared.

PostgreSQL 17 gave every owner MAINTAIN, and a partition the identity of its table's column.
16 and 17 quote names that became words of theirs; an extension has the version that its server
brought along.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftbook.catalog.kinds import Kind

Key = tuple[str, ...]
Values = tuple[object, ...]
Rows = dict[Key, Values]
Side = dict[str, Rows]

MAJOR, SINCE = 10_000, 170_000
# Measured with pg_get_keywords(): no name on 15 and not free on 18.
WORDS = (
    "json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar "
    "json_serialize json_table json_value merge_action system_user"
)
QUOTED = re.compile(rf'"({"|".join(WORDS.split())})"')


def level_majors(
    sides: tuple[Side, Side], versions: tuple[int, int], kinds: Mapping[str, Kind]
) -> None:
    """Make the rows of two sides comparable, in place, when they are of two majors.

    Args:
        sides: Kind → rows, of expected and of live.
        versions: Of their servers, as the server counts.
        kinds: Keys and properties.
    """
    if min(versions) < SINCE:
        for side in sides:
            _drop_maintain(side, kinds)
    if len({version // MAJOR for version in versions}) == 1:
        return
    for side, version in zip(sides, versions, strict=True):
        for name, rows in side.items():
            side[name] = {key: tuple(map(_unquote, row)) for key, row in rows.items()}
        _forget(side, kinds, ("extension", "version"), lambda _key: True)
        if min(versions) < SINCE <= version:
            _forget_identities(side, kinds)


def _unquote(value: object) -> object:
    return QUOTED.sub(r"\1", value) if isinstance(value, str) else value


def _drop_maintain(side: Side, kinds: Mapping[str, Kind]) -> None:
    for name in ("privilege", "default_privilege"):
        if name in side:
            at = kinds[name].key.index("privilege")
            side[name] = {key: row for key, row in side[name].items() if key[at] != "MAINTAIN"}


def _forget_identities(side: Side, kinds: Mapping[str, Kind]) -> None:
    """Forget the identity of columns of partitions, which is that of the partitioned table."""
    if "table" in side:
        bound = _find_place(kinds["table"], "partition_bound")
        partitions = {key for key, row in side["table"].items() if row[bound] is not None}
        _forget(side, kinds, ("column", "identity"), lambda key: key[:2] in partitions)


def _forget(
    side: Side, kinds: Mapping[str, Kind], what: tuple[str, str], applies: Callable[[Key], bool]
) -> None:
    """Set the property that ``what`` names, as (kind, property), to NULL where it ``applies``."""
    kind, name = what
    if kind not in side:
        return
    at = _find_place(kinds[kind], name)
    side[kind] = {
        key: (*row[:at], None, *row[at + 1 :]) if applies(key) else row
        for key, row in side[kind].items()
    }


def _find_place(kind: Kind, name: str) -> int:
    return [entry.name for entry in kind.properties].index(name)
