"""How frames look at a prompt: rich in JupyterLab, plain in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.dress import dress
from driftbook.audit.frames.about import drop_empty
from driftbook.report.markup import Fragment, join, shown
from driftbook.report.tables import render_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLAIN_ROWS = 60  # of a frame in a terminal
PLAIN_WIDTH = 60  # characters of a cell in a terminal
# Columns whose values are texts of several lines by nature.
TEXTS = frozenset({"body", "definition", "using", "with_check", "expected", "live"})
TEXTS |= {"before", "after", "text", "comment"}
UNKNOWN = "Not known"  # how a note begins without which an empty frame would say "none"
NOTE = Fragment('<p class="note">{}</p>')


class Table(pd.DataFrame):
    """A DataFrame that shows itself: with a search field and sorted columns in JupyterLab.

    It is a DataFrame in every other way, and so is what comes of it: ``audit.tables.head()``,
    ``audit.tables.query("change != 'same'")``. What is shown has secrets redacted and hidden
    characters made visible, columns of objects without any value are left out; the values
    themselves are as they were found.
    """

    _metadata = ["label", "note", "is_tidy"]  # noqa: RUF012 - what a frame hands on, for pandas
    label: str
    note: str
    is_tidy: bool

    @property
    def _constructor(self) -> Callable[..., Table]:
        return Table

    def _repr_html_(self) -> str:
        note = getattr(self, "note", "")
        parts = [NOTE.format(shown(note))] if note else []
        if not (self.empty and note.startswith(UNKNOWN)):
            parts.insert(0, render_table(self._shown(), getattr(self, "label", "") or "rows"))
        return dress(join(parts))

    def __repr__(self) -> str:
        """Return the first rows as text."""
        note = getattr(self, "note", "")
        if self.empty and note.startswith(UNKNOWN):
            return note
        if self.empty:
            return f"None: no {getattr(self, 'label', '') or 'rows'}."
        plain = pd.DataFrame(self._shown().head(PLAIN_ROWS))
        for name in plain.columns:
            if pd.api.types.is_string_dtype(plain[name]) or plain[name].dtype == object:
                plain[name] = plain[name].map(_shorten, na_action="ignore")
        text = plain.to_string(index=False, na_rep="")
        more = f"\n… {len(self):,} rows in all" if len(self) > PLAIN_ROWS else ""
        return text + more + (f"\n{note}" if note else "")

    def _shown(self) -> pd.DataFrame:
        """Return the frame with an index that says something as columns."""
        plain = pd.DataFrame(self)
        if not isinstance(plain.index, pd.RangeIndex):
            plain = _with_index(plain)
        if getattr(self, "is_tidy", False):
            plain = drop_empty(plain)
        texts = [name for name in plain.columns if name in TEXTS]
        return plain.assign(**{name: plain[name].map(_in_one_line) for name in texts})


def as_table(frame: pd.DataFrame, label: str, note: str = "", *, is_tidy: bool = False) -> Table:
    """Return ``frame`` as one that shows itself.

    Args:
        frame: Any frame.
        label: What its rows are, in plural.
        note: What a reader has to know of it, shown below.
        is_tidy: Columns without any value are not shown.
    """
    table = Table(frame)
    table.label, table.note, table.is_tidy = label, note, is_tidy
    return table


def show_plain(parts: Iterable[tuple[str, object]]) -> str:
    """Return titled parts as text; what is empty is left out."""
    told = [(title, str(part)) for title, part in parts if str(part).strip()]
    return "\n\n".join(f"{title}\n{'-' * len(title)}\n{text}" for title, text in told)


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    named = any(name is not None for name in frame.index.names)
    return frame.reset_index(drop=not named)


def _in_one_line(value: object) -> object:
    """Return a text of several lines as one; names keep theirs, and show them as escapes."""
    return " ↵ ".join(value.strip().split("\n")) if isinstance(value, str) else value


def _shorten(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = shown(value)
    return text if len(text) <= PLAIN_WIDTH else f"{text[: PLAIN_WIDTH - 1]}…"
