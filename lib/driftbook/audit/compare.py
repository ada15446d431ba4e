"""Comparing any two sources, or capturing one: what the plain commands print."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftbook.access.roles import read_roles
from driftbook.audit.access import Access, compare_access
from driftbook.audit.facts import describe_version
from driftbook.audit.forms import Settled, settle_forms
from driftbook.audit.gaps import (
    find_major_gaps,
    find_role_gaps,
    find_source_gaps,
    find_unread_gaps,
)
from driftbook.audit.open import Opened, open_pair, parse_text, read_source, replay_source
from driftbook.audit.plan import REPLAYED, CompareOptions, describe_plan, plan_shadow
from driftbook.audit.sides import start_shadow
from driftbook.catalog.document import write_capture
from driftbook.config import Target
from driftbook.drift.canonical import find_equal
from driftbook.drift.cluster import OPTIONAL
from driftbook.drift.diff import diff_snapshots, drop_equal
from driftbook.drift.majors import find_own_texts, major_of
from driftbook.drift.scope import apply_scope, subtract_platform
from driftbook.errors import AuditError
from driftbook.history.rows import conceal_snapshot
from driftbook.keys import read_key
from driftbook.redact import redact
from driftbook.rules.explain import explain_changes
from driftbook.rules.facts import RuleContext, build_facts
from driftbook.sources import SourceKind, name_first, tell_apart
from driftbook.words import count

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from driftbook.audit.evidence import GapFact
    from driftbook.audit.open import Pair
    from driftbook.audit.result import Json
    from driftbook.config import Settings
    from driftbook.drift.scope import Scoped, ScopeSettings
    from driftbook.postgres.binaries import Origin
    from driftbook.progress import Progress
    from driftbook.shadow.result import Platform

__all__ = ["CompareOptions", "capture_source", "compare_sources"]


@dataclass(frozen=True)
class Comparison:
    """What differs between two sources, and what could not be compared."""

    expected: Opened
    live: Opened
    scoped: Scoped
    platform: Platform
    changes: pd.DataFrame
    gaps: tuple[GapFact, ...]
    left_out: pd.DataFrame
    assumed: tuple[str, ...] = ()  # what nobody said and the comparison rests on
    shadow: Origin | None = None  # the server that replayed a side, if one did
    own_texts: tuple[bool, ...] = ()  # per change: two majors may write this text apart
    unasked: int = 0  # roles and memberships that differ and were not asked for

    @property
    def exit_code(self) -> int:
        """Return 1 when something differs, 4 when something could not be compared, else 0."""
        if len(self.changes):
            return 1
        return 4 if self.gaps else 0

    def as_json(self) -> Json:
        """Return the comparison as JSON values; a part of a new object is counted, not listed."""
        return {
            "schema_version": 1,
            "from": _describe_side(self.expected),
            "to": _describe_side(self.live),
            "shadow": asdict(self.shadow) if self.shadow else None,
            "cross_major": self.crosses,
            "equal": not len(self.changes),
            "changes": [
                {**row, "means": means} for row, means in zip(self._rows, self.means, strict=True)
            ],
            "access": self.access.as_json(),
            "incomplete": [gap.model_dump() for gap in self.gaps],
            "assumed": list(self.assumed),
            "left_out": self.left_out.to_dict("records"),
            "unasked": self.unasked,
        }

    @cached_property
    def access(self) -> Access:
        """What roles reach on the second side, and not on the first."""
        target = Target(name="diff", platform=self.platform)
        sides = (self.scoped.expected, self.scoped.live)
        found = compare_access(*sides, self.changes, target, self.first)
        # Roles that nobody asked to compare are known all the same: these reach all on both sides.
        superusers = [read_roles(side.snapshot).superusers for side in (self.expected, self.live)]
        everywhere = frozenset.intersection(*superusers)
        return replace(found, moves=tuple(one for one in found.moves if one.role not in everywhere))

    @property
    def first(self) -> str:
        """Return what sentences call the first side."""
        return name_first(self.expected.source, self.live.source)

    @cached_property
    def means(self) -> list[str]:
        """What each row means that is no part of another one."""
        sides = (self.scoped.expected, self.scoped.live)
        facts = build_facts(*sides, RuleContext(), self.access.judged)
        return explain_changes(self.changes[self.changes["part_of"].isna()], facts, self.first)

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        is_root = self.changes["part_of"].isna()
        roots = self.changes[is_root].to_dict("records")
        apart = [own for own, root in zip(self.own_texts, is_root, strict=True) if root]
        return [
            self._change_json({str(name): value for name, value in row.items()}, own=own)
            for row, own in zip(roots, apart, strict=True)
        ]

    @cached_property
    def _parts(self) -> dict[object, Counter[str]]:
        """Return kind and key of a root → kind → how many changes are part of it."""
        counts: dict[object, Counter[str]] = {}
        for kind, root in zip(self.changes["kind"], self.changes["part_of"], strict=True):
            if root is not None:
                counts.setdefault(root, Counter())[str(kind)] += 1
        return counts

    @property
    def crosses(self) -> bool:
        """Return whether the two sides are of different major versions."""
        return major_of(self.expected.snapshot) != major_of(self.live.snapshot)

    def _change_json(self, row: dict[str, object], *, own: bool) -> dict[str, Any]:
        return {
            "kind": row["kind"],
            "schema": row["schema"],
            "name": row["name"],
            "change": row["change"],
            "property": row["property"],
            "class": row["property_class"],
            "expected": _text(row["expected"]),
            "live": _text(row["live"]),
            "cross_major": own,
            "parts": dict(sorted(self._parts.get((row["kind"], row["key"]), {}).items())),
        }

    def access_lines(self) -> list[str]:
        """Return one line per change of access, worst first."""
        told = self.access.as_json()
        return [f"! {one['sentence']}" for one in told] or [self.access.why_empty]

    def lines(self, *, explain: bool = False) -> list[str]:
        """Return one line per difference, then what could not be compared.

        Args:
            explain: Whether a line below each difference says what it means.
        """
        lines = []
        means = self.means if explain else [""] * len(self._rows)
        for row, meaning in zip(self._rows, means, strict=True):
            what = f"{row['kind']} {row['name']}"
            if row["change"] == "altered":
                lines.append(
                    f"~ {what}: {row['property']} is {row['live']}, expected {row['expected']}"
                )
            else:
                parts = ", ".join(f"{count} {kind}" for kind, count in row["parts"].items())
                sign = "+" if row["change"] == "only_live" else "-"
                lines.append(f"{sign} {what}" + (f" ({parts})" if parts else ""))
            lines += [f"    {meaning}"] if explain else []
        lines += [f"? {gap.what}: {gap.why}\n  fix: {gap.fix}" for gap in self.gaps]
        roots = sum(line[0] in "~+-" for line in lines)
        if self.crosses:
            versions = [
                describe_version(side.snapshot.version_num) for side in (self.expected, self.live)
            ]
            lines.append(f"cross-major: {' and '.join(versions)} may write one text in two ways")
        lines += [f"shadow: {self.shadow}"] if self.shadow else []
        lines += [f"assumed: {sentence}" for sentence in self.assumed]
        if self.unasked:
            what = f"{count(self.unasked, 'difference')} of roles and memberships"
            lines.append(f"not asked for: {what} (--roles compares them)")
        lines.append(
            f"{roots} differences"
            + (f", {len(self.gaps)} not compared" if self.gaps else "")
            + f" ({self.expected.source.label} → {self.live.source.label})"
        )
        return lines


def compare_sources(
    expected: str, live: str, settings: Settings, options: CompareOptions, progress: Progress
) -> Comparison:
    """Return what differs from ``expected`` to ``live``, two sources as they are written."""
    sources = tell_apart(
        parse_text(expected, settings, options.convention),
        parse_text(live, settings, options.convention),
    )
    stored = any(source.kind is SourceKind.AUDIT for source in sources)
    with ExitStack() as stack:
        pair = open_pair(sources, settings, options, stack, progress)
        progress("comparing")
        dumped = any(source.kind is SourceKind.DUMP for source in sources)
        scoped = _scope_pair(pair, replace(pair.plan.scope, without_rows=dumped))
        if stored:
            scoped = _conceal(scoped)
        settled = _settle(pair, scoped, progress)
        sides = ((pair.expected, scoped.expected), (pair.live, scoped.live))
        gaps = [
            gap
            for side, snapshot in sides
            for gap in find_source_gaps(side.replayed, snapshot.unaccounted)
        ]
        gaps += find_unread_gaps(replace(one, source=side.source.label) for side, one in sides)
        gaps += [*find_major_gaps(scoped.unchecked), *settled.gaps]
        gaps += find_role_gaps(scoped.left_out)
        origin = settled.origin or (pair.server.origin if pair.server else None)
    changes = settled.changes
    return Comparison(
        pair.expected,
        pair.live,
        scoped,
        pair.plan.platform,
        changes,
        tuple(dict.fromkeys(gaps)),
        scoped.left_out,
        describe_plan(pair.plan, options) if pair.server else (),
        origin,
        tuple(find_own_texts(changes, scoped.expected, scoped.live)),
        _count_unasked(pair),
    )


def _settle(pair: Pair, scoped: Scoped, progress: Progress) -> Settled:
    """Return what differs, without what differs in form only."""
    changes = diff_snapshots(scoped.expected, scoped.live)
    replayed = pair.expected.replayed or pair.live.replayed
    if pair.server is None or replayed is None:
        bindir = pair.plan.choice.bindir
        return settle_forms(changes, scoped.expected, scoped.live, bindir, progress)
    equal = find_equal(changes, scoped.expected, scoped.live, pair.server, replayed)
    return Settled(drop_equal(changes, set(equal)), origin=pair.server.origin)


def _count_unasked(pair: Pair) -> int:
    """Return how many roles and memberships differ that nobody asked for."""
    if pair.plan.scope.roles:
        return 0
    only = replace(
        pair,
        expected=_restrict(pair.expected, OPTIONAL),
        live=_restrict(pair.live, OPTIONAL),
    )
    scoped = _scope_pair(only, replace(pair.plan.scope, roles=True))
    changes = diff_snapshots(scoped.expected, scoped.live)
    return len(set(zip(changes["kind"], changes["key"], strict=True)))


def _restrict(side: Opened, kinds: Collection[str]) -> Opened:
    """Return ``side`` with no other frames than those of ``kinds``."""
    frames = {kind: frame for kind, frame in side.snapshot.frames.items() if kind in kinds}
    return replace(side, snapshot=replace(side.snapshot, frames=frames))


def _conceal(scoped: Scoped) -> Scoped:
    """Redact both sides: the history holds no secret, and where one stands is no difference."""
    live, expected = conceal_snapshot(scoped.live), conceal_snapshot(scoped.expected)
    return replace(scoped, live=live, expected=expected)


def _scope_pair(pair: Pair, settings: ScopeSettings) -> Scoped:
    """Return both sides in the order in which they were named.

    What the platform is shows on the side that was replayed, whichever that is.
    """
    expected, live = pair.expected.snapshot, pair.live.snapshot
    if pair.expected.replayed is not None or pair.live.replayed is None:
        withheld = pair.expected.replayed.withheld if pair.expected.replayed else ()
        return apply_scope(expected, live, pair.platform, settings, withheld)
    turned = apply_scope(live, expected, pair.platform, settings, pair.live.replayed.withheld)
    return replace(turned, expected=turned.live, live=turned.expected)


def capture_source(
    text: str,
    output: Path | None,
    settings: Settings,
    options: CompareOptions,
    progress: Progress,
) -> Path:
    """Write the snapshot of one source, the platform taken out of a replayed one."""
    source = parse_text(text, settings, options.convention)
    if source.kind in REPLAYED:
        plan = plan_shadow([source], [], settings, options)
        with start_shadow(plan.major, plan.choice, plan.platform, plan.role) as server:
            opened = replay_source(source, server, plan, options, progress)
        assert opened.replayed is not None  # noqa: S101 - it was replayed in the line above
        snapshot = subtract_platform(opened.snapshot, opened.replayed.platform)
    else:
        snapshot = read_source(source, settings, progress).snapshot
    path = output or Path(f"{_slug(source.label)}.json")
    try:
        return write_capture(snapshot, path)
    except OSError as error:
        raise AuditError(
            f"the capture cannot be written: {error.strerror}",
            where=str(path.absolute()),
            fix="name a file in a folder that you may write: --output FILE",
        ) from error


def _describe_side(side: Opened) -> Json:
    failed = [file.file for file in side.replayed.files if file.error] if side.replayed else []
    return {
        "source": side.source.label,
        "kind": side.source.kind.value,
        "server_version": describe_version(side.snapshot.version_num),
        "root_hash": side.snapshot.root_hash,
        "failed_files": failed,
    }


def _text(value: object) -> str | None:
    """Return a property as it is shown, without the secret that a command or a body may hold."""
    return redact(value, read_key()) if isinstance(value, str) else None


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")[:60] or "capture"
