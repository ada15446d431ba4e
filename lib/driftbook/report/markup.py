"""Escaped HTML by construction: what every piece of a report is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from driftbook.charts.palette import SEVERITIES
from driftbook.redact import display_name
from driftbook.report.privacy import conceal

if TYPE_CHECKING:
    from collections.abc import Iterable


class Fragment(Markup):
    """Escaped HTML that JupyterLab and the report both show.

    Made with ``Fragment("…{}…").format(value)`` only: arguments are escaped, literals are not.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


EMPTY = Fragment("")


def join(parts: Iterable[Fragment]) -> Fragment:
    """Return ``parts`` one after the other."""
    return EMPTY.join(parts)


def shown(text: object) -> str:
    """Return foreign text of one line for people: secrets redacted, nothing hidden."""
    return display_name(conceal(str(text)))


def render_name(name: str) -> Fragment:
    """Return an object name; characters that would not be seen are shown as escapes."""
    return Fragment("<code>{}</code>").format(shown(name))


def render_severity(severity: str) -> Fragment:
    """Return the chip of a severity: word and colour."""
    css_class = severity if severity in SEVERITIES else "info"
    return Fragment('<span class="severity s-{}">{}</span>').format(css_class, shown(severity))
