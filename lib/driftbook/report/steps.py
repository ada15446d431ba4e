"""The repair plan in full: what to do, why, what shows that it is right, what can go wrong."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from driftbook.repairs import StepKind
from driftbook.report.definitions import render_sql, shown_text
from driftbook.report.markup import EMPTY, Fragment, join, shown
from driftbook.report.privacy import conceal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.repairs import RepairPlan, RepairStep

PAGE_BUDGET = 150_000  # characters of SQL and files; steps after that show what is short
FOLDED = 5  # steps of one kind, from which on they share one fold
NAMED = 3  # versions that a title shows
TITLES = {
    StepKind.SAVE: "Save every row of the tracking table",
    StepKind.RESTORE_FILE: "Restore a missing file",
    StepKind.RENAME_FILE: "Rename a file",
    StepKind.RENUMBER: "Give a file a version of its own",
    StepKind.UNDO_EDIT: "Take back an edit of an applied file",
    StepKind.RENAME_ROW: "Rename a record",
    StepKind.RECORD: "Record what has run",
    StepKind.FILL_RECORD: "Put the SQL into a record",
    StepKind.UNRECORD: "Remove a record",
    StepKind.COMPLETE: "Write a migration with what is missing",
    StepKind.APPLY: "Apply what is pending",
    StepKind.DECIDE: "Decide",
}
Numbered = tuple[int, "RepairStep"]


def render_plan(plan: RepairPlan) -> Fragment:
    """Return the steps of ``plan`` in full, each with copyable commands and SQL.

    Many steps of one kind share a fold. Without a step: a sentence.
    """
    if not plan.steps:
        return join([Fragment('<p class="note">No step is proposed.</p>'), _render_doubts(plan)])
    bodies, spent = list[Fragment](), 0
    for step in plan.steps:
        bodies.append(_render_body(step, is_short=spent > PAGE_BUDGET))
        spent += len(bodies[-1])
    numbered = list(enumerate(plan.steps, start=1))
    groups = (list(group) for _, group in groupby(numbered, key=lambda pair: pair[1].kind))
    return join([_render_proof(plan), *(_render_group(group, bodies) for group in groups)])


def _render_proof(plan: RepairPlan) -> Fragment:
    if plan.proven:
        return Fragment(
            "<p>Proven: the steps were taken on a copy of the tracking table, and no version is "
            "worse off than before.</p>"
        )
    return join(
        [
            Fragment("<p><b>Not proven.</b> Read each step before it is taken.</p>"),
            _render_doubts(plan),
        ]
    )


def _render_doubts(plan: RepairPlan) -> Fragment:
    if not plan.doubts:
        return EMPTY
    lines = join(Fragment("<li>{}</li>").format(shown(doubt)) for doubt in plan.doubts)
    return Fragment("<ul>{}</ul>").format(lines)


def _render_group(group: list[Numbered], bodies: list[Fragment]) -> Fragment:
    steps = join(_render_step(number, step, bodies[number - 1]) for number, step in group)
    if len(group) < FOLDED:
        return steps
    first, last = group[0][0], group[-1][0]
    return Fragment(
        '<details class="finding"><summary>{first} to {last}. <b>{title}</b> '
        '<span class="note">{count:,} steps</span></summary>{steps}</details>\n'
    ).format(first=first, last=last, title=TITLES[group[0][1].kind], count=len(group), steps=steps)


def _render_step(number: int, step: RepairStep, body: Fragment) -> Fragment:
    return Fragment(
        '<details class="finding"{open}><summary>{number}. <b>{title}</b>'
        ' <span class="note">{versions}</span></summary>{body}</details>\n'
    ).format(
        open=Fragment(' open=""' if number == 1 else ""),
        number=number,
        title=TITLES[step.kind],
        versions=shown(_name(step)),
        body=body,
    )


def _name(step: RepairStep) -> str:
    names = [step.file] if step.file and len(step.versions) <= 1 else list(step.versions)
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _render_body(step: RepairStep, *, is_short: bool) -> Fragment:
    parts = list(_render_sentences(step))
    if step.command:
        parts.append(Fragment("<p>In the migration tool or in git:</p>"))
        parts.append(_render_command(step.command))
    titles = ("The same as SQL", "As SQL")
    if step.sql:
        parts.append(_render_text(step.sql, titles[not step.command], is_short=is_short))
    if step.text:
        parts.append(_render_text(step.text, "What the file holds afterwards", is_short=is_short))
    return join(parts)


def _render_text(text: str, title: str, *, is_short: bool) -> Fragment:
    """Return SQL that is copied and run: whole, or not at all."""
    head = Fragment("<p>{}:{}</p>")
    if is_short or len(text) > PAGE_BUDGET:
        left_out = Fragment('<p class="note">{:,} lines, left out: the page would be too long.</p>')
        return join([head.format(title, ""), left_out.format(text.count("\n") + 1)])
    warning = ""
    if conceal(text) != text:
        warning = " it holds a secret, redacted here: put the value back before running it."
    return join([head.format(title, warning), render_sql(text, whole=True)])


def _render_sentences(step: RepairStep) -> Iterable[Fragment]:
    yield Fragment("<p>{}</p>").format(shown(step.reason))
    if step.old_file:
        renamed = Fragment("<p>From <code>{}</code> to <code>{}</code>.</p>")
        yield renamed.format(shown(step.old_file), shown(step.file))
    for label, text in (("Evidence", step.evidence), ("Risk", step.risk)):
        if text:
            yield Fragment("<p>{}: {}</p>").format(label, shown(text))


def _render_command(command: str) -> Fragment:
    return Fragment('<div class="sql"><pre>{}</pre></div>').format(shown_text(command))
