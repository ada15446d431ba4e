"""Files that say something else than their records: both texts, and what the edit changes."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from driftbook.report.definitions import Sides, render_ddl_diff
from driftbook.report.markup import EMPTY, Fragment, join, shown
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftbook.versions import Version

PAGE_BUDGET = 150_000  # characters of texts side by side; what comes after is named only
FOLDED = 5  # versions of one state, from which on they share one fold
SIDES = Sides(
    left="recorded",
    right="file",
    left_alone="recorded (the file has no statement)",
    right_alone="file (nothing is recorded)",
)


def render_edits(versions: Iterable[Version]) -> Fragment:
    """Return record and file of each version side by side, and what the edit changes.

    Args:
        versions: With ``written``, ``recorded_text`` and ``edit_effect``. Those of one state
            stand together, many of them behind one fold. Without any: a sentence.
    """
    by_state = sorted(versions, key=lambda one: list(VersionState).index(one.state))
    if not by_state:
        return Fragment('<p class="note">None: no file is known to differ from its record.</p>')
    parts, spent = list[Fragment](), 0
    for _, group in groupby(by_state, key=lambda one: one.state):
        edits = list[Fragment]()
        for version in group:
            is_open = not parts and not edits
            edits.append(_render_edit(version, is_open=is_open, is_short=spent > PAGE_BUDGET))
            spent += len(edits[-1])
        parts.append(_fold(version.state, edits))
    return join(parts)


def render_texts(recorded: str, written: str) -> Fragment:
    """Return what was recorded and what the file says side by side; empty lines do not count."""
    return render_ddl_diff(_tighten(recorded), _tighten(written), SIDES)


def _tighten(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())


def _fold(state: VersionState, edits: list[Fragment]) -> Fragment:
    if len(edits) < FOLDED:
        return join(edits)
    return Fragment(
        '<details class="finding"><summary><b>{:,} versions</b> <span class="note">{}</span>'
        "</summary>{}</details>\n"
    ).format(len(edits), in_words(state), join(edits))


def in_words(state: VersionState) -> str:
    """Return a state as people write it."""
    return state.value.replace("_", " ")


def _render_edit(version: Version, *, is_open: bool, is_short: bool) -> Fragment:
    texts = render_texts(version.recorded_text, version.written)
    if is_short or not texts:
        kept = "Both texts are left out here: the page would be too long."
        note = kept if texts else "This audit did not keep the texts."
        texts = Fragment('<p class="note">{}</p>').format(note)
    return Fragment(
        '<details class="finding"{open}><summary><b>{name}</b> <span class="note">{state}</span>'
        "</summary>{note}{effect}{texts}</details>\n"
    ).format(
        open=Fragment(' open=""' if is_open else ""),
        name=shown(version.file or version.version),
        state=in_words(version.state),
        note=Fragment("<p>{}</p>").format(shown(version.note)) if version.note else EMPTY,
        effect=_render_effect(version),
        texts=texts,
    )


def _render_effect(version: Version) -> Fragment:
    if version.edit_effect:
        lines = join(Fragment("<li>{}</li>").format(shown(line)) for line in version.edit_effect)
        return Fragment("<p>What the edit changes in the schema:</p><ul>{}</ul>").format(lines)
    if version.state is VersionState.EDITED_HARMLESS:
        return Fragment("<p>Both texts give the same schema.</p>")
    return Fragment("<p>What the edit changes in the schema is not known.</p>")
