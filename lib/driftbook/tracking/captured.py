"""The tracking table in a capture: what the script of a target records, and read from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.catalog.portable.parts import write_recorded
from driftbook.catalog.portable.script import write_conditional, write_step
from driftbook.postgres.answer import fill_in
from driftbook.tracking.read import give_names, load_query, read_tracking, write_row_query
from driftbook.tracking.table import Tracking, TrackingStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.catalog.portable.read import Recorded

# As read_tracking decides, which gives the reasons.
MAY_READ = """\
select coalesce(
    d.kind in ('r', 'p') and d.can_use and d.can_select and (d.open_policy or not d.is_filtered),
    false
) as driftbook_may_read
from (
{describe}
) as d"""


def write_steps(table: str) -> str:
    """Return the steps of the script that record ``table``, as far as it is there and readable."""
    about = sql.Literal(table).as_string()
    describe, grants = (
        fill_in(load_query(name), give_names(table)) for name in ("describe", "grants")
    )
    rows = fill_in(write_row_query(table), None)
    return "".join(
        [
            write_step("the tracking table", write_recorded("describe", about, describe)),
            write_step("the tracking table", write_recorded("grants", about, grants)),
            write_conditional(
                "the tracking table",
                MAY_READ.format(describe=describe),
                write_recorded("rows", about, rows),
            ),
        ]
    )


def read_captured_tracking(recorded: Sequence[Recorded], table: str, convention: str) -> Tracking:
    """Return what a capture tells of ``table``, which may be nothing."""
    if not table:
        return Tracking("", TrackingStatus.ASSUMED)
    known = {one.name: one.rows for one in recorded if one.about == table}
    try:
        return read_tracking(_Replayed(known), table, convention)
    except (AttributeError, LookupError, TypeError, ValueError):  # whoever sent it decides
        return Tracking(
            table,
            TrackingStatus.UNREADABLE,
            why="the capture does not hold it",
            fix="let the script of the target be run: driftbook capture --script TARGET",
        )


@dataclass(frozen=True, slots=True)
class _Replayed:
    """Answers of the one who ran the script, in place of a session."""

    known: Mapping[str, list[dict[str, object]]]

    def fetch(
        self, query: str, given: Mapping[str, str] | None = None, *, filtered: bool = False
    ) -> list[dict[str, object]]:
        del filtered
        if given is None:
            return self.known["rows"]
        return self.known[next(one for one in ("describe", "grants") if query == load_query(one))]
