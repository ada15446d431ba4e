"""Tables that are complete without script and comfortable with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.charts.palette import SEVERITIES
from driftbook.report.markup import EMPTY, Fragment, join, render_name, render_severity, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ROWS = 500  # as HTML; the rest is text that report.js shows in portions
FILTERED = {"severity", "kind", "change", "state", "schema", "verdict", "target"}  # with a menu
NAMES = ("object", "file", "version", "rule")  # columns in monospace unless told otherwise
LONG_TEXT = 30  # characters, from which a cell may wrap
ID = re.compile(r"[a-z]+-[0-9a-f]{8,12}")


def render_table(
    frame: pd.DataFrame, label: str, names: Iterable[str] = NAMES, empty: str = ""
) -> Fragment:
    """Return ``frame`` as a table that ``report.js`` makes searchable and sortable.

    Args:
        frame: Any frame. Columns ``id`` and ``severity`` become links and chips, ``kind`` and
            ``change`` get a filter. Without rows: a sentence.
        label: What the rows are, for the table's accessible name.
        names: Columns that hold object names.
        empty: The sentence that says why there is no row; empty: that there is none.
    """
    if frame.empty:
        return Fragment('<p class="note">{}</p>').format(shown(empty or f"None: no {label}."))
    columns = [Column(str(name), frame[name], tuple(names)) for name in frame.columns]
    rows = (
        Fragment("<tr>{}</tr>\n").format(join(map(Column.cell, columns, row)))
        for row in frame.head(MAX_ROWS).itertuples(index=False, name=None)
    )
    return Fragment(
        '<div class="scroll" tabindex="0" role="region" aria-label="{}"><table class="grid">'
        "<thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>{}"
    ).format(shown(label), join(map(Column.head, columns)), join(rows), _rest(frame, columns))


def _rest(frame: pd.DataFrame, columns: list[Column]) -> Fragment:
    """Return the rows that are no HTML, one line each, tabs between cells."""
    rest = frame.iloc[MAX_ROWS:]
    if rest.empty:
        return EMPTY
    lines = [
        "\t".join(column.text(value) for column, value in zip(columns, row, strict=True))
        for row in rest.itertuples(index=False, name=None)
    ]
    return Fragment(
        '<details class="rest"><summary>Rows {:,} to {:,}</summary>'
        '<p class="note">One row per line, a tab between cells.</p><pre>{}</pre></details>'
    ).format(MAX_ROWS + 1, len(frame), "\n".join(lines))


class Column:
    """How one column of a table is shown: link, chip, object name, number or text."""

    def __init__(self, name: str, values: pd.Series, object_names: tuple[str, ...]) -> None:
        self.name = name
        self.is_number = pd.api.types.is_numeric_dtype(values) and not _is_truth(values)
        self.is_object_name = name in object_names

    def head(self) -> Fragment:
        """Return the header cell."""
        number = Fragment(' class="number"' if self.is_number else "")
        choice = Fragment(' data-filter=""' if self.name in FILTERED else "")
        title = shown(self.name.replace("_", " "))
        return Fragment('<th scope="col"{}{}>{}</th>').format(number, choice, title)

    def text(self, value: object) -> str:
        """Return the text of a cell: one line, nothing hidden in it."""
        if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124
            return ""
        if isinstance(value, pd.Timestamp):
            return (
                f"{value:%Y-%m-%d %H:%M:%S}"
                if value.time().isoformat() != "00:00:00"
                else (f"{value:%Y-%m-%d}")
            )
        if value is True or value is False:
            return "yes" if value else "no"
        if isinstance(value, float):
            return f"{value:,.6g}"
        return f"{value:,}" if self.is_number and isinstance(value, int) else shown(value)

    def cell(self, value: object) -> Fragment:
        """Return the cell of one row."""
        text = self.text(value)
        if self.name == "severity" and text in SEVERITIES:
            rank = SEVERITIES.index(text)
            return Fragment('<td data-sort="{}">{}</td>').format(rank, render_severity(text))
        if self.name == "id" and ID.fullmatch(text):
            return Fragment('<td class="id"><a href="#{0}">{0}</a></td>').format(text)
        if self.is_number:
            key = "" if text == "" else value
            return Fragment('<td class="number" data-sort="{}">{}</td>').format(key, text)
        if self.is_object_name and text:
            css_class = "name wide" if self.name == "object" else "name"
            return Fragment('<td class="{}">{}</td>').format(css_class, render_name(str(value)))
        long = Fragment(' class="long"' if len(text) > LONG_TEXT else "")
        return Fragment("<td{}>{}</td>").format(long, text)


def _is_truth(values: pd.Series) -> bool:
    return bool(pd.api.types.is_bool_dtype(values))
