"""What the migration files did to one object, and what came with it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from driftbook.audit.frames.about import DEEDS, NEIGHBOURS
from driftbook.audit.frames.columns import build_frame
from driftbook.audit.names import follow_name
from driftbook.audit.objects import ABOUT, describe_deeds, is_about
from driftbook.forensics.frames import read_ref, write_key
from driftbook.forensics.graph import find_whole
from driftbook.versions import Deed

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.audit.evidence import Evidence
    from driftbook.audit.session import Audit
    from driftbook.model import ObjectRef
    from driftbook.versions import Fact

MOST = 60  # neighbours


def list_deeds(thing: ObjectRef, audit: Audit) -> pd.DataFrame:
    """Return what each file did to ``thing``, in the order of the files.

    Returns:
        ``version``, ``file``, ``did`` (str; phrases with semicolons), ``committed_at`` (UTC, or
        missing), ``author`` (str).
    """
    facts = audit.evidence.facts.effects
    names = follow_name(thing, [(fact, 0) for fact in facts])
    mine: defaultdict[tuple[str, str], list[Fact]] = defaultdict(list)
    called: dict[tuple[str, str], ObjectRef] = {}
    for fact, name in zip(facts, names, strict=True):
        if name is not None and is_about(fact, name):
            mine[fact.version, fact.file].append(fact)
            called[fact.version, fact.file] = name
    migrations = audit.migrations
    columns = (migrations[name] for name in ("file", "committed_at", "author"))
    commits = {file: (at, author) for file, at, author in zip(*columns, strict=True)}
    rows = (
        (
            *place,
            "; ".join(describe_deeds(found, called[place])),
            *commits.get(place[1], (None, "")),
        )
        for place, found in mine.items()
    )
    return build_frame(rows, DEEDS)


def find_neighbours(thing: ObjectRef, audit: Audit) -> pd.DataFrame:
    """Return objects that came with ``thing``: made by its file, or in its transaction.

    Returns:
        ``kind``, ``object``, ``why`` (str), at most sixty rows.
    """
    found: dict[ObjectRef, str] = {}
    made = [fact for fact in audit.evidence.facts.effects if fact.deed is Deed.CREATED]
    files = {fact.file for fact in made if fact.thing == thing}
    for fact in made:
        if fact.file in files and fact.part_of is None and fact.thing.kind not in ABOUT:
            found.setdefault(find_whole(fact.thing), f"made by {fact.file}")
    for other in _find_twins(thing, audit.evidence):
        found.setdefault(other, "made in the same transaction")
    found.pop(find_whole(thing), None)
    rows = [(one.kind, one.name, why) for one, why in found.items()]
    return build_frame(rows[:MOST], NEIGHBOURS)


def _find_twins(thing: ObjectRef, evidence: Evidence) -> list[ObjectRef]:
    witness = evidence.exhibits.get("witness")
    if witness is None:
        return []
    own = witness[(witness["kind"] == thing.kind) & (witness["key"] == write_key(thing))]
    born = own["born_xid"].dropna().head(1)
    if born.empty:
        return []
    twins = witness[witness["born_xid"] == born.iloc[0]]
    pairs = zip(twins["kind"], twins["key"], strict=True)
    return sorted(
        {find_whole(read_ref(kind, key)) for kind, key in pairs if kind not in ABOUT},
        key=lambda one: (one.kind, one.parts),
    )
