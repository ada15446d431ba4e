"""What a newer major writes into its catalog by itself, taken out where an older one is compared.

PostgreSQL 17 gave every owner MAINTAIN, and a partition the identity of its table's column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.catalog.kinds import Kind

Key = tuple[str, ...]
Rows = dict[Key, tuple[object, ...]]

SINCE = 170_000


def level_majors(
    sides: tuple[dict[str, Rows], dict[str, Rows]],
    versions: tuple[int, int],
    kinds: Mapping[str, Kind],
) -> None:
    """Make the rows of two sides comparable, in place, where a major before 17 is among them.

    Args:
        sides: Kind → rows, of expected and of live.
        versions: Of their servers, as the server counts.
        kinds: Keys and properties.
    """
    if min(versions) >= SINCE:
        return
    for side, version in zip(sides, versions, strict=True):
        _drop_maintain(side, kinds)
        if version >= SINCE:
            _drop_identities(side, kinds)


def _drop_maintain(side: dict[str, Rows], kinds: Mapping[str, Kind]) -> None:
    for name in ("privilege", "default_privilege"):
        if name in side:
            at = kinds[name].key.index("privilege")
            side[name] = {key: row for key, row in side[name].items() if key[at] != "MAINTAIN"}


def _drop_identities(side: dict[str, Rows], kinds: Mapping[str, Kind]) -> None:
    """Forget the identity of columns of partitions, which is that of the partitioned table."""
    if not {"table", "column"} <= side.keys():
        return
    bound, identity = (
        [entry.name for entry in kinds[kind].properties].index(name)
        for kind, name in (("table", "partition_bound"), ("column", "identity"))
    )
    partitions = {key for key, row in side["table"].items() if row[bound] is not None}
    side["column"] = {
        key: (*row[:identity], None, *row[identity + 1 :]) if key[:2] in partitions else row
        for key, row in side["column"].items()
    }
