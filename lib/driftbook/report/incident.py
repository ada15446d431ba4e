"""The pieces of a postmortem: statements with references, the evidence that they lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftbook.forensics.frames import read_ref
from driftbook.incident.words import name_bare
from driftbook.report.definitions import render_sql, shown_text
from driftbook.report.markup import EMPTY, Fragment, join, shown
from driftbook.report.tables import MAX_ROWS, Column, render_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from driftbook.incident.actions import Action
    from driftbook.incident.events import Event
    from driftbook.incident.header import Moment
    from driftbook.incident.words import Sentence

REFERENCES = 6  # of one statement; the others are counted, and the table names its events
EMPTY_CELL = Fragment("<td></td>")
UNFOLDED = 40  # events, from which on the others are behind a summary
EVIDENCE = (
    "id kind object aspect source row value earliest_at latest_at after_version before_version "
    "events raw_ref note"
).split()


OTHER = ["id", "kind", "object", "source", "value", "events"]


class Notes:
    """Markdown of people, for a cell to show: no HTML of theirs is ever HTML."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_markdown_(self) -> str:
        if not self.text.strip():
            return "*No notes were given.*"
        lines = shown_text(self.text).replace("&", "&amp;").replace("<", "&lt;").split("\n")
        return "\n".join(map(_lower_heading, lines))


def _lower_heading(line: str) -> str:
    """Return a heading as bold text: the headings of a page, and their addresses, are ours."""
    if heading := re.fullmatch(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*", line):
        return f"**{heading[1]}**" if heading[1] else ""
    return f"\\{line.strip()}" if re.fullmatch(r" {0,3}(=+|-+)\s*", line) else line


def render_notes(text: str) -> Notes:
    """Return notes as a cell shows them: Markdown, its HTML escaped, its secrets redacted."""
    return Notes(text)


def render_sentence(sentence: Sentence) -> Fragment:
    """Return a statement, how sure it is, and links to its evidence."""
    shown_ids = sentence.clues[:REFERENCES]
    links = Fragment(", ").join(Fragment('<a href="#{0}">{0}</a>').format(one) for one in shown_ids)
    more = len(sentence.clues) - len(shown_ids)
    rest = Fragment(" and {:,} more").format(more) if more else EMPTY
    return Fragment("{} <i>({})</i> <small>[{}{}]</small>").format(
        shown(sentence.text), sentence.confidence.value, links, rest
    )


def render_sentences(sentences: Sequence[Sentence], empty: str) -> Fragment:
    """Return statements as a list; without one: the sentence ``empty``."""
    if not sentences:
        return Fragment('<p class="note">{}</p>').format(shown(empty))
    items = (Fragment("<li>{}</li>\n").format(render_sentence(one)) for one in sentences)
    return Fragment("<ul>{}</ul>").format(join(items))


def render_moments(moments: Iterable[Moment]) -> Fragment:
    """Return started, detected, mitigated and resolved: what is known of each, and how well."""
    rows = (
        Fragment(
            '<tr><th scope="row">{}</th><td class="long">{}</td><td class="long">{}</td></tr>\n'
        ).format(
            one.name,
            render_sentence(one.sentence) if one.sentence else "not known",
            shown(one.note),
        )
        for one in moments
    )
    return Fragment(
        '<div class="scroll" tabindex="0" role="region" aria-label="moments"><table class="grid">'
        '<thead><tr><th scope="col">moment</th><th scope="col">what is known</th>'
        '<th scope="col">how it is meant</th></tr></thead><tbody>\n{}</tbody></table></div>'
    ).format(join(rows))


def render_events(events: Sequence[Event]) -> Fragment:
    """Return the events as numbered statements; of very many the later ones folded."""
    if not events:
        return Fragment('<p class="note">Nothing is known to have happened.</p>')
    items = [
        Fragment('<li id="event-{0}"><b>{0}</b> <span class="note">{1}</span> {2}</li>\n').format(
            one.number, one.lane.value, render_sentence(one.sentence)
        )
        for one in events
    ]
    first = Fragment("<ul>{}</ul>").format(join(items[:UNFOLDED]))
    if len(items) <= UNFOLDED:
        return first
    rest = Fragment("<details><summary>Events {:,} to {:,}</summary><ul>{}</ul></details>")
    return join([first, rest.format(UNFOLDED + 1, len(items), join(items[UNFOLDED:]))])


def list_cited(sentences: Iterable[Sentence]) -> set[str]:
    """Return the ids that the report links to."""
    return {name for one in sentences for name in one.clues[:REFERENCES]}


def render_evidence(clues: pd.DataFrame, sentences: Iterable[Sentence]) -> Fragment:
    """Return the evidence that statements link to as a table, each row an address; then the rest.

    Args:
        clues: ``CLUE`` with the numbers of events, all of it.
        sentences: Every statement of the report.
    """
    cited = list_cited(sentences)
    missing = cited - set(clues["id"])
    if missing:
        raise ValueError(f"statements name evidence that is not there: {sorted(missing)}")
    named = clues["id"].isin(sorted(cited))
    frame = clues.assign(
        object=[_name(*pair) for pair in zip(clues["kind"], clues["key"], strict=True)]
    )
    rest = frame.loc[~named, EVIDENCE]
    parts = [_render_cited(frame.loc[named, EVIDENCE])]
    if len(rest):
        table = render_table(rest.head(MAX_ROWS)[OTHER], "other evidence")
        left_out = len(rest) - MAX_ROWS
        note = Fragment('<p class="note">{:,} more of the same kind are left out.</p>')
        parts.append(
            Fragment(
                "<details><summary>{:,} more pieces of evidence</summary>{}{}</details>"
            ).format(len(rest), table, note.format(left_out) if left_out > 0 else EMPTY)
        )
    return join(parts)


def _render_cited(frame: pd.DataFrame) -> Fragment:
    if frame.empty:
        return Fragment('<p class="note">No statement of this report needs evidence.</p>')
    columns = [Column(str(name), frame[name], ("object", "raw_ref", "row")) for name in frame]
    rows = []
    for row in frame.itertuples(index=False, name=None):
        address = Fragment('<td class="id" id="{0}"><code>{0}</code></td>').format(row[0])
        cells = (column.cell(value) for column, value in zip(columns[1:], row[1:], strict=True))
        rows.append(Fragment("<tr>{}{}</tr>\n").format(address, join(cells)))
    return Fragment(
        '<div class="scroll" tabindex="0" role="region" aria-label="evidence"><table class="grid">'
        "<thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>"
    ).format(join(column.head() for column in columns), join(rows))


def _name(kind: str, key: str) -> str:
    return name_bare(read_ref(kind, key))


def render_actions(actions: Sequence[Action]) -> Fragment:
    """Return the actions as a table with columns for owner and date, then what to copy."""
    if not actions:
        return Fragment('<p class="note">Nothing is proposed.</p>')
    rows, bodies = [], []
    for number, one in enumerate(actions, start=1):
        cell = Fragment('<tr><td class="number">{}</td><td class="long">{}</td>{}{}</tr>\n')
        rows.append(cell.format(number, shown(one.what), EMPTY_CELL, EMPTY_CELL))
        if one.how:
            bodies.append(_render_how(number, one))
    table = Fragment(
        '<div class="scroll" tabindex="0" role="region" aria-label="actions"><table class="grid">'
        '<thead><tr><th scope="col">no</th><th scope="col">action</th><th scope="col">owner</th>'
        '<th scope="col">due</th></tr></thead><tbody>\n{}</tbody></table></div>'
    ).format(join(rows))
    return join([table, *bodies])


def _render_how(number: int, action: Action) -> Fragment:
    head = Fragment("<p>Action {}:</p>").format(number)
    if action.is_sql:
        return join([head, render_sql(action.how, whole=True)])
    body = Fragment('<div class="sql"><pre>{}</pre></div>').format(shown_text(action.how))
    return join([head, body])
