"""What is as it is because a shadow is a shadow, and says nothing of the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.drift.platform import Reasons
    from driftbook.model import ObjectRef

Key = tuple[str, ...]

ABOUT = ("owner", "comment", "privilege", "security_label")
OF_TABLE = ("column", "constraint", "trigger", "policy", "rule")
# Kind, what it is about, and the reason why it leaves.
SERVERS = (
    ("privilege", "parameter", "privilege of the whole server"),
    ("comment", "extension", "comment of the extension's own version"),
)


def leave_shadows_own(
    expected: Snapshot, live: Snapshot, withheld: Collection[ObjectRef], reasons: Reasons
) -> None:
    """Give a reason to what the server of a replay has, or lacks, whatever the files say.

    Args:
        expected: What the replay gave.
        live: What was found.
        withheld: What the files make and the shadow could not: a schema, empty when the file has
            none, and a name without arguments. Where only live has it, it is no drift.
        reasons: Kind → key → reason; filled.
    """
    for kind, object_kind, reason in SERVERS:
        for side in (expected, live):
            reasons[kind] |= dict.fromkeys(
                _read_keys(side, kind, "object_kind", object_kind), reason
            )
    for ref in withheld:
        for kind, key in _find_withheld(expected, live, ref):
            reasons[kind][key] = "not made in the shadow"


def _find_withheld(expected: Snapshot, live: Snapshot, ref: ObjectRef) -> Iterator[tuple[str, Key]]:
    """Yield ``ref`` as live alone has it, and what lies in it or is said of it."""
    schema, name = ref.parts
    for key in {*_read_keys(live, ref.kind)} - {*_read_keys(expected, ref.kind)}:
        named = key[0] if ref.kind == "user_mapping" else key[-1].partition("(")[0]
        if named != name or (schema and key[0] != schema):
            continue
        yield ref.kind, key
        about = (ref.kind, *(key if len(key) > 1 else ("", *key)))
        for kind in ABOUT:
            found = _read_keys(live, kind, "object_kind", ref.kind)
            yield from ((kind, one) for one in found if one[: len(about)] == about)
        for kind in OF_TABLE if ref.kind == "table" else ():
            found = _read_keys(live, kind, "table", key[1])
            yield from ((kind, one) for one in found if one[0] == key[0])


def _read_keys(side: Snapshot, kind: str, column: str = "", value: str = "") -> Iterator[Key]:
    """Yield the keys of a kind, or those in which ``column`` has ``value``."""
    if kind in side.frames:
        frame = side.frames[kind]
        wanted = frame[frame[column] == value] if column else frame
        yield from wanted[list(KINDS[kind].key)].itertuples(index=False, name=None)
