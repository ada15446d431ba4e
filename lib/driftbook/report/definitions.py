"""Definitions and statements: highlighted, and two of them side by side."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pygments.lexers import PostgresLexer
from pygments.token import Comment, Keyword, Literal, Number, String

from driftbook.redact import display_text
from driftbook.report.markup import Fragment, join
from driftbook.report.privacy import conceal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHOLE = 200  # lines, up to which a definition is shown whole
CONTEXT = 3  # equal lines around a change in a longer one
COMPARABLE = 4000  # lines, up to which two definitions are matched
MARKABLE = 400  # words of a line, up to which the changed ones are marked
# The classes that the style sheet knows; everything else is plain: a third of Pygments' bytes.
STYLES = ((Comment, "c"), (Keyword, "k"), (Number, "mi"), (String, "s"), (Literal, "s"))


def render_sql(sql: str, *, whole: bool = False) -> Fragment:
    """Return highlighted SQL; ``report.js`` adds a copy button.

    Args:
        sql: Long ones are cut, and the report says so.
        whole: Not this one: it is meant to be copied and run.
    """
    shown = shown_text(sql)
    text, note = (shown, Fragment("")) if whole else _cut(shown)
    return Fragment('<div class="sql highlight"><pre>{}</pre>{}</div>').format(
        highlight(text), note
    )


def shown_text(text: str) -> str:
    """Return foreign text of several lines for people: secrets redacted, nothing hidden."""
    return display_text(conceal(text.strip("\n")))


def highlight(sql: str) -> Fragment:
    """Return ``sql`` with its keywords, strings, numbers and comments marked."""
    parts: list[tuple[str, str]] = []
    # Not Pygments' own cleaning: it drops leading lines and rewrites line ends.
    for token, text in PostgresLexer(stripnl=False, ensurenl=False).get_tokens(sql):
        css_class = next((name for kind, name in STYLES if token in kind), "")
        css_class = "" if text == "." or token is String.Name else css_class
        if parts and (parts[-1][0] == css_class or (text.isspace() and parts[-1][0])):
            parts[-1] = (parts[-1][0], parts[-1][1] + text)
        else:
            parts.append((css_class, text))
    return join(
        Fragment('<span class="{}">{}</span>').format(css_class, text)
        if css_class
        else Fragment("{}").format(text)
        for css_class, text in parts
    )


def _cut(text: str) -> tuple[str, Fragment]:
    lines = text.split("\n")
    if len(lines) <= WHOLE:
        return text, Fragment("")
    note = Fragment('<p class="note">{:,} more lines are in result.json.</p>')
    return "\n".join(lines[:WHOLE]), note.format(len(lines) - WHOLE)


@dataclass(frozen=True, slots=True)
class Sides:
    """What the two sides of a comparison are called, and what one is called alone."""

    left: str = "expected (migrations)"
    right: str = "live"
    left_alone: str = "expected (missing in the live database)"
    right_alone: str = "live (in no applied migration)"


DEFINITIONS = Sides()


def render_ddl_diff(expected: str, live: str, sides: Sides = DEFINITIONS) -> Fragment:
    """Return two definitions side by side, changed words marked; one alone when one is missing."""
    if not expected or not live:
        return _render_alone(expected, live, sides)
    left, right = (shown_text(text).split("\n") for text in (expected, live))
    if max(len(left), len(right)) > COMPARABLE:
        note = "The definitions differ; both are too long to compare here: see result.json."
        return Fragment('<p class="note">{}</p>').format(note)
    head = Fragment('<div class="head">{}</div><div class="head">{}</div>')
    return Fragment('<div class="diff" role="group" aria-label="Definitions">{}{}</div>').format(
        head.format(sides.left, sides.right), join(_paired_lines(left, right))
    )


def _render_alone(expected: str, live: str, sides: Sides) -> Fragment:
    if not expected and not live:
        return Fragment("")
    title = sides.right_alone if live else sides.left_alone
    text, note = _cut(shown_text(live or expected))
    return Fragment(
        '<div class="alone highlight"><p class="note">{}</p><pre>{}</pre>{}</div>'
    ).format(title, highlight(text), note)


def _paired_lines(left: list[str], right: list[str]) -> Iterator[Fragment]:
    # Without the trailing comma: a column added after the last one changes one line, not two.
    bare_left, bare_right = ([line.rstrip(",") for line in lines] for lines in (left, right))
    matcher = difflib.SequenceMatcher(None, bare_left, bare_right, autojunk=False)
    if max(len(left), len(right)) <= WHOLE:
        yield from _paired_group(left, right, matcher.get_opcodes())
        return
    at = 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield from _skipped(group[0][1] - at)
        yield from _paired_group(left, right, group)
        at = group[-1][2]
    yield from _skipped(len(left) - at)


def _skipped(lines: int) -> Iterator[Fragment]:
    if lines:
        yield Fragment('<div class="skipped">… {:,} equal lines …</div>').format(lines)


def _paired_group(
    left: list[str], right: list[str], opcodes: Sequence[tuple[str, int, int, int, int]]
) -> Iterator[Fragment]:
    for tag, left_from, left_to, right_from, right_to in opcodes:
        for step in range(max(left_to - left_from, right_to - right_from)):
            before = left[left_from + step] if left_from + step < left_to else None
            after = right[right_from + step] if right_from + step < right_to else None
            if tag == "equal":
                yield Fragment('<div>{}</div><div class="again">{}</div>').format(before, after)
            else:
                yield _marked_line("removed", before, after)
                yield _marked_line("added", after, before)


def _marked_line(css_class: str, line: str | None, other: str | None) -> Fragment:
    if line is None:
        return Fragment('<div class="gap"></div>')
    words, other_words = (re.findall(r"\s+|\w+|\W", text or "") for text in (line, other))
    if other is None or max(len(words), len(other_words)) > MARKABLE:
        return Fragment('<div class="{}">{}</div>').format(css_class, line)
    matcher = difflib.SequenceMatcher(None, words, other_words, autojunk=False)
    marked = (
        Fragment("{}" if tag == "equal" or start == end else "<mark>{}</mark>").format(
            "".join(words[start:end])
        )
        for tag, start, end, _, _ in matcher.get_opcodes()
    )
    return Fragment('<div class="{}">{}</div>').format(css_class, join(marked))
