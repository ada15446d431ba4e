"""The page of one object: everything that an audit knows of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from driftbook.audit.dress import dress
from driftbook.explore.display import UNKNOWN, Table, as_table, show_plain
from driftbook.report.about import render_page
from driftbook.report.definitions import shown_text
from driftbook.report.markup import shown

if TYPE_CHECKING:
    from driftbook.audit.about import About

# Part → what its rows are.
FRAMES = {
    "origin": "rows on its origin",
    "attribution": "attributions",
    "clues": "clues",
    "deeds": "migration files that touched it",
    "dependents": "objects that need it",
    "dependencies": "objects that it needs",
    "access": "privileges",
    "policies": "policies",
    "past": "resolved findings",
    "sightings": "sightings",
    "neighbours": "objects that came with it",
}
ABOUT_LINKS = "What the text of a function names, the server does not follow: it is searched for."


@dataclass(frozen=True)
class ObjectPage:
    """Everything that one audit knows of one object, shown as a page.

    Every part is also there by itself, most of them as a DataFrame:

    - ``expected``, ``live``: the definitions (SQL); ``state``: on which side it is, in words
    - ``origin``: born and last touched; ``attribution``, ``clues``: the same with its evidence
    - ``deeds``: what the migration files did to it
    - ``dependents``, ``dependencies``: what needs it, what it needs
    - ``access``, ``policies``: what each role may do, and why
    - ``findings``, ``past``, ``sightings``: open and resolved findings, what audits saw
    - ``neighbours``: what came with it
    - ``fix``: the SQL of its findings, to read before running it

    >>> page = audit.object("public.orders")
    >>> page.name
    'public.orders'
    >>> list(page.access.columns)
    ['role', 'privilege', 'allowed', 'rows', 'through']
    """

    about: About

    @property
    def name(self) -> str:
        """The whole name of the object."""
        return self.about.ref.name

    @property
    def kind(self) -> str:
        """Its kind: table, function, policy and so on."""
        return self.about.ref.kind

    @cached_property
    def findings(self) -> Table:
        """Open findings about it and its parts, worst first."""
        rows = [
            (one.id, one.severity.value, one.object.kind, one.object.name, one.title)
            for one in self.about.findings
        ]
        columns = ["id", "severity", "kind", "object", "title"]
        return as_table(pd.DataFrame(rows, columns=columns), "findings")

    def __getattr__(self, name: str) -> object:
        """Return a part of the page."""
        if name in FRAMES:
            return as_table(getattr(self.about, name), FRAMES[name], self._note(name))
        if name.startswith("_") or not hasattr(type(self.about), name):
            raise AttributeError(f"the page of an object has no {name}: {', '.join(dir(self))}")
        return getattr(self.about, name)

    def __dir__(self) -> list[str]:
        """Return the parts of the page, for completion."""
        words = ("expected", "live", "state", "owner", "comment", "fix")
        return sorted([*FRAMES, *words, "name", "kind", "findings", "about"])

    def _note(self, name: str) -> str:
        if name == "access":
            return self.about.access_limits
        if name in {"dependents", "dependencies"}:
            why = self.about.why_no_links
            return f"{UNKNOWN}: {why}." if why else ABOUT_LINKS
        return ""

    def _repr_html_(self) -> str:
        return dress(render_page(self.about))

    def __repr__(self) -> str:
        """Return the page as text."""
        about = self.about
        head = f"{shown(str(about.ref))}: {about.state}"
        definition = shown_text(about.live or about.expected)
        named = (
            "origin",
            "findings",
            "deeds",
            "dependents",
            "dependencies",
            "access",
            "sightings",
            "neighbours",
        )
        told = [(name, getattr(self, name)) for name in named]
        parts = [(name, part) for name, part in told if len(part)]
        fix = shown_text(about.fix)
        return f"{head}\n\n" + show_plain(
            [("definition", definition), *parts, ("SQL to read, then run", fix)]
        )
