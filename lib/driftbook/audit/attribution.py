"""From the evidence of an audit to a case, and what forensics says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.forensics.attribution import Attributed, Drifted, attribute
from driftbook.forensics.case import Case
from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from driftbook.audit.evidence import Evidence
    from driftbook.catalog.snapshot import Snapshot


def attribute_objects(evidence: Evidence, refs: Sequence[ObjectRef]) -> Attributed:
    """Return what is known of the birth and the last touch of ``refs``, whatever they are."""
    return attribute(build_case(evidence), [Drifted(ref) for ref in refs])


def attribute_changes(evidence: Evidence, changes: pd.DataFrame) -> Attributed:
    """Return what is known of every object of ``changes`` that does not come with another."""
    own = changes[changes["part_of"].isna()]
    pairs = zip(own["kind"], own["key"], own["change"], strict=True)
    drifted = [Drifted(ObjectRef(kind, tuple(key)), str(change)) for kind, key, change in pairs]
    return attribute(build_case(evidence), list(dict.fromkeys(drifted)))


def build_case(evidence: Evidence, lines: pd.DataFrame | None = None) -> Case:
    """Return the evidence as forensics asks it."""
    facts = evidence.facts
    return Case(
        exhibits=evidence.exhibits,
        facts=facts.effects,
        versions=facts.versions,
        past=evidence.past,
        scoped=frozenset(list_objects(evidence.live)) if evidence.live else frozenset(),
        controls=frozenset(one.file for one in facts.files if one.controls),
        subtransactions=frozenset(one.file for one in facts.files if one.subtransactions),
        lines=lines,
    )


def list_objects(snapshot: Snapshot) -> Iterator[ObjectRef]:
    """Yield every object of a snapshot."""
    for name, frame in snapshot.frames.items():
        keys = frame[list(KINDS[name].key)].itertuples(index=False, name=None)
        yield from (ObjectRef(name, tuple(map(str, key))) for key in keys)
