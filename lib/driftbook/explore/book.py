"""An opened audit: its frames, the page of an object, other days, differences, questions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from driftbook.audit.about import describe_object
from driftbook.audit.dress import dress
from driftbook.audit.lookup import list_names
from driftbook.explore import frames
from driftbook.explore.compare import compare_audits, compare_texts
from driftbook.explore.display import Table, as_table
from driftbook.explore.live import find_live
from driftbook.explore.page import ObjectPage
from driftbook.explore.picture import Picture, draw_links
from driftbook.explore.query import ask
from driftbook.report.markup import Fragment, join, shown

if TYPE_CHECKING:
    from datetime import date

    from driftbook.audit.evidence import Evidence
    from driftbook.audit.session import Audit
    from driftbook.config import Settings, Target

CAPTURED, RECORDED = "made now", "recorded"
ROWS, SECONDS = 1_000, 60
NEXT = (
    "audit.drift, audit.findings, audit.tables: DataFrames; audit.<Tab> shows all of them",
    'audit.object("public.orders"), or audit["public.orders"]: everything about one object',
    'audit.at("2026-01-31"), audit.diff("2026-01-31"): an earlier audit, what changed since',
    'audit.sql("select …"): a question to the live database; audit.capture(): look again now',
)


class OpenAudit:
    """One audit of one target, for people: everything of it is a DataFrame.

    >>> audit.findings.columns[:3].tolist()
    ['id', 'severity', 'kind']
    >>> audit.tables.query("name == 'orders'")["change"].tolist()
    ['altered']
    """

    def __init__(self, audit: Audit, settings: Settings, how: str) -> None:
        self._audit, self._settings, self._how = audit, settings, how

    # ------------------------------------------------------------ what it is

    @property
    def id(self) -> str:
        """The id of the audit."""
        return self.evidence.facts.audit_id

    @property
    def target(self) -> str:
        """The name of the target."""
        return self.evidence.facts.target.name

    @property
    def taken(self) -> str:
        """When it was taken, and whether it was made now or is a recorded one.

        >>> audit.taken
        '2026-02-12 02:15 UTC, recorded'
        """
        return f"{self.evidence.facts.captured_at:%Y-%m-%d %H:%M} UTC, {self._how}"

    @property
    def is_recorded(self) -> bool:
        """Whether the history holds it; one that was made now is gone with the process."""
        return self._how == RECORDED

    @property
    def definitions(self) -> tuple[str, str]:
        """The names of both sides: what the files give, what was found."""
        evidence = self.evidence
        live = evidence.live.source if evidence.live else "no database"
        return evidence.expected.source, live

    # ------------------------------------------------------------ frames

    @cached_property
    def drift(self) -> Table:
        """Every difference between files and live database; parts of a new object are counted."""
        return as_table(frames.build_drift(self._audit.changes), "differences")

    @cached_property
    def findings(self) -> Table:
        """What the rules make of it, worst first."""
        return as_table(self._audit.findings, "findings")

    @property
    def tables(self) -> Table:
        """Tables of both sides; ``change`` says which differ.

        >>> audit.tables[["schema", "name", "change"]].shape[1]
        3
        """
        return self.objects("table")

    @property
    def columns(self) -> Table:
        """Columns of both sides; ``change`` says which differ."""
        return self.objects("column")

    @property
    def functions(self) -> Table:
        """Functions of both sides; ``change`` says which differ."""
        return self.objects("function")

    @property
    def policies(self) -> Table:
        """Policies of row level security of both sides; ``change`` says which differ."""
        return self.objects("policy")

    @property
    def privileges(self) -> Table:
        """Privileges of both sides; ``change`` says which differ."""
        return self.objects("privilege")

    @property
    def indexes(self) -> Table:
        """Indexes of both sides; ``change`` says which differ."""
        return self.objects("index")

    def objects(self, kind: str) -> Table:
        """Objects of any kind of both sides; ``change`` says which differ.

        >>> audit.objects("view")["change"].tolist()
        ['same']
        """
        evidence = self.evidence
        frame = frames.build_objects(kind, evidence.expected, evidence.live, self._audit.changes)
        why = frames.explain_unread(kind, evidence.expected, evidence.live)
        return as_table(frame, frames.name_kind(kind), why, is_tidy=True)

    @cached_property
    def versions(self) -> Table:
        """Migration versions: what files, tracking table and live database say of each."""
        return as_table(self._audit.versions, "versions")

    @cached_property
    def dependencies(self) -> Table:
        """What needs what in the live database, whole objects: kind, object, needs_kind, needs."""
        frame, why = frames.build_dependencies(self.evidence)
        return as_table(frame, "dependencies", why)

    @cached_property
    def history(self) -> Table:
        """The recorded audits of the target, oldest first; the ids open them."""
        return as_table(frames.build_history(self.target, self._settings), "recorded audits")

    @cached_property
    def attribution(self) -> Table:
        """When each difference was born and last touched, through which door, and how sure."""
        return as_table(frames.name_keys(self._audit.attribution), "attributions", is_tidy=True)

    @cached_property
    def clues(self) -> Table:
        """The evidence of each attribution."""
        return as_table(frames.name_keys(self._audit.clues), "clues", is_tidy=True)

    @cached_property
    def sessions(self) -> Table:
        """What belongs to one human action outside of the migrations."""
        return as_table(self._audit.sessions, "sessions")

    @cached_property
    def gaps(self) -> Table:
        """What could not be checked: no drift there is not known, either."""
        return as_table(self._audit.gaps, "gaps")

    # ------------------------------------------------------------ questions

    def object(self, name: str = "") -> ObjectPage:
        """Everything that is known of one object; without a name: of the one with most findings.

        >>> audit.object("orders").state
        'altered'
        >>> audit.object("policy:orders_tenant").kind
        'policy'
        """
        return ObjectPage(describe_object(self._audit, name))

    def __getitem__(self, name: str) -> ObjectPage:
        """Return the page of an object; names are completed."""
        return self.object(name)

    def at(self, day: str | date) -> OpenAudit:
        """Return the last audit at or before a day, the same thing as this one.

        >>> audit.at("2026-02-28").id == audit.id
        True
        """
        from driftbook.explore.opening import open_at  # noqa: PLC0415 - it opens what is here

        return open_at(self.target, day, self._settings)

    def capture(self) -> OpenAudit:
        """Look at the target again now; ``driftbook audit`` is what records an audit."""
        from driftbook.explore.opening import capture  # noqa: PLC0415 - it opens what is here

        return capture(self._target, self._settings)

    def diff(self, before: str, after: str = "") -> Table:
        """Return what changed from one moment, or source, to another one.

        Args:
            before: A day, whose audit's live side is taken; or any source: ``audit:ID``, a
                directory, a dump, a capture, a target.
            after: The same; empty: this audit's live side.

        >>> audit.diff("2026-02-28").empty
        True
        """
        if frames.is_day(before) and (not after or frames.is_day(after)):
            other = self.at(after) if after else self
            return compare_audits(self.at(before).evidence, other.evidence)
        texts = [frames.write_source(text, self) for text in (before, after)]
        return compare_texts(texts[0], texts[1], self._settings)

    def sql(self, query: str, *, limit: int = ROWS, timeout: float = SECONDS) -> Table:
        """Ask the live database, as it is now, one query that only reads.

        It runs in the kind of session that audits have: read only, rolled back, an empty search
        path, so that names need their schema.

        Args:
            query: One SELECT, VALUES or TABLE, with or without WITH.
            limit: So many rows at most; a word says when there are more.
            timeout: Seconds.

        Example: ``audit.sql("select count(*) from public.orders")``
        """
        target = self._target
        dsn = find_live(target)
        label = f"target {target.title}"
        answer = ask(
            dsn, query, label=label, limit=limit, timeout=timeout, insecure=target.insecure
        )
        note = (
            f"Cut: only the first {limit:,} rows; give limit=… for more." if answer.is_cut else ""
        )
        return as_table(answer.frame, "rows", note)

    def graph(self, name: str, depth: int = 2) -> Picture:
        """Draw what an object needs (left) and what needs it (right).

        >>> print(audit.graph("public.orders", depth=1))
        needs (nothing)
        table public.orders
        is needed by
          view public.totals: query
        """
        return draw_links(self.object(name).about, depth)

    # ------------------------------------------------------------ how it shows itself

    def __repr__(self) -> str:
        """Return what it is, what it found, and what to type next."""
        return "\n".join([*self._say(), "next:", *(f"  {line}" for line in NEXT)])

    def _repr_html_(self) -> str:
        lines = [Fragment("<p>{}</p>").format(shown(line)) for line in self._say()]
        listed = (Fragment("<li><code>{}</code></li>").format(line) for line in NEXT)
        return dress(join([*lines, Fragment("<ul>{}</ul>").format(join(listed))]))

    def _say(self) -> list[str]:
        counts = self.findings["severity"].value_counts(sort=False)
        told = ", ".join(f"{count} {severity}" for severity, count in counts.items())
        gaps = len(self._audit.gaps)
        lines = [f"audit {self.id} of {self.target}: {self.taken}"]
        if not self.evidence.live:
            lines.append("no database was asked: the files alone are known")
        lines.append(f"findings: {told or 'none'}")
        return [*lines, *([f"{gaps} things could not be checked: audit.gaps"] if gaps else [])]

    def _ipython_key_completions_(self) -> list[str]:
        return sorted({thing.name for thing, gone in list_names(self._audit).items() if not gone})

    @property
    def evidence(self) -> Evidence:
        """Both snapshots and every fact: what all of this is made from."""
        return self._audit.evidence

    @property
    def _target(self) -> Target:
        return self.evidence.facts.target
