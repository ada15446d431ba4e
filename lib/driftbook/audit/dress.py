"""What outputs wear in JupyterLab: a report has a style sheet and a script, a notebook has none.

JupyterLab runs script and style of an output only where it trusts the notebook; what is left
elsewhere is complete without them.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup

from driftbook.charts.palette import COLOURS


def dress(html: Markup) -> str:
    """Return ``html`` with the style and the script for itself and all outputs beside it."""
    style, script = _read_dress()
    return str(Markup('<div class="driftbook">{}{}</div>{}').format(style, html, script))


@cache
def _read_dress() -> tuple[Markup, Markup]:
    folder = files("driftbook.audit")
    css, script = (
        folder.joinpath(name).read_text(encoding="utf-8") for name in ("lab.css", "lab.js")
    )
    colours = ";".join(
        f"--{name}:light-dark({light},{dark})" for name, (light, dark) in COLOURS.items()
    )
    style = f"<style>:is(.driftbook,.jp-OutputArea){{{colours}}}\n{css}</style>"
    # Our own words, in elements whose content is no markup.
    return Markup(style), Markup(f"<script>{script}</script>")  # noqa: S704 - of this package
