"""The page of one object, piece by piece: what notebooks and people at a prompt see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.audit.frames.about import drop_empty
from driftbook.redact import is_redacted
from driftbook.report.definitions import render_ddl_diff, render_sql
from driftbook.report.findings import render_findings
from driftbook.report.markup import EMPTY, Fragment, join, render_name
from driftbook.report.privacy import conceal
from driftbook.report.tables import render_table

if TYPE_CHECKING:
    import pandas as pd

    from driftbook.audit.about import About

NOTE = Fragment('<p class="note">{}</p>')


def render_definitions(about: About) -> Fragment:
    """Return both definitions, differences marked; one of them where they are equal."""
    if not (about.expected or about.live):
        return NOTE.format("None: neither the files nor the live database have it now.")
    if about.expected == about.live:
        same = NOTE.format("The same on both sides.")
        return join([same, render_sql(about.live)])
    return render_ddl_diff(about.expected, about.live)


def render_links(about: About, frame: pd.DataFrame, label: str) -> Fragment:
    """Return dependents or dependencies; why there are none where the server was not asked."""
    table = render_table(drop_empty(frame), label, names=("object", "through"))
    if not about.why_no_links:
        return table
    why = NOTE.format(f"Not known: {about.why_no_links}.")
    return why if frame.empty else join([why, table])


def render_access(about: About) -> Fragment:
    """Return what each role may do: a row per role, a column per privilege."""
    if about.access.empty:
        return NOTE.format("None: privileges on it are not in a snapshot, or nobody holds one.")
    told = about.access.assign(
        may=[
            _say_access(allowed, rows, through)
            for allowed, rows, through in zip(
                *(about.access[name] for name in ("allowed", "rows", "through")), strict=True
            )
        ]
    )
    order = list(dict.fromkeys(told["privilege"]))
    matrix = told.pivot_table(index="role", columns="privilege", values="may", aggfunc="first")
    matrix = matrix.reindex(list(dict.fromkeys(told["role"])))[order].reset_index()
    matrix.columns.name = None
    limits = NOTE.format(about.access_limits) if about.access_limits else EMPTY
    return join([render_table(matrix, "roles", names=("role",)), limits])


def render_fix(about: About) -> Fragment:
    """Return the SQL of all findings about it, to read before it is run."""
    if not about.fix:
        return NOTE.format("None: nothing is to be mended by SQL.")
    warning = ""
    if is_redacted(conceal(about.fix)):
        warning = " It holds a secret, redacted here: put the value back before running it."
    hint = "Read it, copy it into a new migration, and run it from there." + warning
    return join([NOTE.format(hint), render_sql(about.fix, whole=True)])


def render_page(about: About) -> Fragment:
    """Return everything that is known of one object, with a heading for each part."""
    parts = [
        ("Definition", render_definitions(about)),
        ("Born, last touched", render_table(about.origin, "rows on its origin")),
        ("What the files did", render_table(about.deeds, "files that touched it")),
        ("What needs it", render_links(about, about.dependents, "objects that need it")),
        ("What it needs", render_links(about, about.dependencies, "objects that it needs")),
        ("Who may do what", render_access(about)),
        ("Policies", render_table(about.policies, "policies", names=("policy", "roles"))),
        ("Open findings", render_findings(about.findings, empty="None: nothing is wrong with it.")),
        ("Resolved findings", render_table(about.past, "resolved findings")),
        ("What earlier audits saw", render_table(about.sightings, "sightings")),
        ("What came with it", render_table(about.neighbours, "objects that came with it")),
        ("SQL to mend it", render_fix(about)),
    ]
    titled = (Fragment("<h3>{}</h3>{}").format(title, part) for title, part in parts)
    head = Fragment("<p>{} <b>{}</b></p>").format(about.ref.kind, render_name(about.ref.name))
    return join([head, render_table(about.summary, "facts"), *titled])


def _say_access(allowed: object, rows: object, through: object) -> str:
    if not allowed:
        return "no"
    return f"{rows or 'yes'} ({through})"
