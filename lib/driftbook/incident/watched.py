"""What audits saw between them: records, objects that came and went, commits, the audits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftbook.forensics.attribution import WHOLE
from driftbook.forensics.classify import Confidence
from driftbook.incident.book import Proof, cite_step
from driftbook.incident.events import Event, Lane
from driftbook.incident.said import read_at
from driftbook.incident.words import find_weakest, name_objects, start
from driftbook.migrations.history import FileEventKind
from driftbook.model import ChangeKind
from driftbook.words import count, name_some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftbook.incident.book import Book
    from driftbook.incident.case import IncidentCase, Step
    from driftbook.incident.said import Said
    from driftbook.model import ObjectRef

SEVERITIES = "critical high medium low info".split()


@dataclass(frozen=True)
class Watcher:
    """Tells what the audits of one case show, each beside the one before.

    Attributes:
        case: Of the incident.
        book: Where the evidence is written down.
        said: Object → what forensics says of it.
        drops: What logs saw go, each with the clue.
    """

    case: IncidentCase
    book: Book
    said: Mapping[ObjectRef, Said]
    drops: list[tuple[ObjectRef, dict[Any, Any]]]

    def tell(self) -> Iterator[Event]:
        """Yield every event that audits and git tell of, in no order."""
        yield from self.tell_commits()
        for step in self.case.steps:
            yield from self.tell_records(step)
            yield from self.tell_strangers(step)
        yield from self.tell_audits()

    def tell_commits(self) -> Iterator[Event]:
        """Yield the commits of the window that touched migration files."""
        files = defaultdict[str, dict[FileEventKind, list[str]]](dict)
        for event in self.case.history.events:
            files[event.commit].setdefault(event.kind, []).append(event.file)
        window = self.case.window
        for one in self.case.history.commits:
            if not window.started_at <= one.at <= window.ended_at:
                continue
            deeds = [f"{kind} {name_some(files[one.hash][kind])}" for kind in files[one.hash]]
            note = "the time is what the committer's clock said"
            proof = Proof("version", "git", one.subject, WHOLE, "", one.at, one.at, one.hash, note)
            clues = (self.book.cite(proof),)
            what = (
                f"Commit {one.hash}, dated by git, {'; '.join(deeds) or 'touched no file of now'}"
            )
            sure = self.book.limit(Confidence.MEDIUM, clues)
            yield Event(Lane.GIT, what, sure, clues, one.at, one.at)

    def tell_records(self, step: Step) -> Iterator[Event]:
        """Yield what happened to the tracking table between two audits."""
        low, high = step.before.at, step.after.at
        for version in step.recorded:
            yield self._tell_version(version, step)
        for versions, what, value in (
            (step.lost, "lost {}", "recorded, then not"),
            (step.rewritten, "had {} written anew", "recorded by another transaction"),
        ):
            if not versions:
                continue
            told = f"{value}: {name_some(versions)}"
            clues = (cite_step(self.book, "version", "tracking", told, (low, high)),)
            xids = {(step.after.records or {}).get(version, 0) for version in versions} - {0}
            words = what.format(f"{count(len(versions), 'record')} ({name_some(versions)})")
            sure = self.book.limit(Confidence.HIGH, clues)
            yield Event(
                Lane.TRACKING,
                f"The tracking table {words}",
                sure,
                clues,
                low,
                high,
                first_xid=min(xids, default=0),
                last_xid=max(xids, default=0),
            )

    def _tell_version(self, version: str, step: Step) -> Event:
        record = self._find_record(version)
        at = read_at(record.get("recorded_at"))
        low, high = (at, at) if at else (step.before.at, step.after.at)
        xid = (step.after.records or {}).get(version, 0)
        value = f"version {version}: not recorded, then recorded" + (f", {xid}" if xid else "")
        clues = [cite_step(self.book, "version", "tracking", value, (low, high))]
        made = [self.said[ref] for ref in self.case.makes.get(version, ()) if ref in self.said]
        proven = [one for one in made if one.born_version == version]
        pushed = [one for one in proven if one.born_class == "pushed"]
        by_hand = [one for one in proven if one.born_class == "manual_run"]
        what, chosen = f"Version {version} was recorded", []
        if pushed:
            what = f"Version {version} was pushed: {count(len(pushed), 'object')} with its record"
            chosen = pushed
        elif by_hand:
            what = f"The file of version {version} was run by hand, and recorded apart"
            chosen = by_hand
        clues += [clue for one in chosen for clue in one.clues]
        sure = find_weakest([one.confidence for one in chosen] or [Confidence.HIGH])
        return Event(
            Lane.DEPLOYMENT,
            what,
            self.book.limit(sure, clues),
            tuple(dict.fromkeys(clues)),
            low,
            high,
            first_xid=xid,
            last_xid=xid,
            objects=tuple(one.ref for one in chosen),
        )

    def _find_record(self, version: str) -> Mapping[str, object]:
        records = self.case.exhibits.get("record")
        if records is None:
            return {}
        rows = records[records["version"] == version].to_dict("records")
        return {str(name): value for name, value in rows[0].items()} if rows else {}

    def tell_strangers(self, step: Step) -> Iterator[Event]:
        """Yield what came, went or changed between two audits and is no drift at the end.

        No version that was recorded meanwhile does it: it was made, and undone, by hand.
        """
        drifted = {ref for ref, _ in self.case.drifted}
        new = set(step.recorded)
        found = defaultdict[str, list["ObjectRef"]](list)
        logged = {
            (ref, ChangeKind.ONLY_EXPECTED.value)
            for ref, row in self.drops
            if step.before.at < row["earliest_at"] <= step.after.at
        }
        for ref, change in step.list_objects():
            if (ref, change) in logged:
                continue  # told with its time, from the log
            if ref not in drifted and not self.case.made_by.get(ref, frozenset()) & new:
                found[change].append(ref)
        words = {
            ChangeKind.ONLY_LIVE.value: ("came", "not there, then there"),
            ChangeKind.ONLY_EXPECTED.value: ("went", "there, then gone"),
            ChangeKind.ALTERED.value: ("changed", "in another shape, then in this one"),
        }
        for change, refs in sorted(found.items()):
            verb, value = words[change]
            low, high = step.before.at, step.after.at
            clues = tuple(
                cite_step(self.book, "touched", "snapshot", value, (low, high), r) for r in refs
            )
            what = f"{start(name_objects(refs))} {verb}, though no version recorded then does it,"
            sure = self.book.limit(Confidence.HIGH, clues)
            yield Event(Lane.DATABASE, what, sure, clues, low, high, objects=tuple(refs))

    def tell_audits(self) -> Iterator[Event]:
        """Yield the audits of the window, and what each saw first or in vain."""
        for look in self.case.looks:
            at = f"{look.at:%Y-%m-%dT%H:%M:%SZ}"
            opened = [one for one in self.case.spells if one.opened_at == at]
            resolved = [one for one in self.case.spells if one.resolved_at == at]
            worst = [
                f"{number:,} {word}"
                for word in SEVERITIES
                if (number := sum(one.severity.value == word for one in opened))
            ]
            told = f"first saw {count(len(opened), 'finding')}" if opened else "saw nothing new"
            told += f" ({', '.join(worst)})" if worst else ""
            told += f", and found {len(resolved)} resolved" if resolved else ""
            proof = Proof("horizon", "audit", told, WHOLE, "", look.at, look.at, look.audit_id)
            clues = (self.book.cite(proof),)
            sure = self.book.limit(Confidence.EXACT, clues)
            yield Event(Lane.DETECTION, f"An audit {told}", sure, clues, look.at, look.at)
