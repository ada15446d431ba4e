"""The HTML that a cell may put into a report; anything else is shown as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import bleach

if TYPE_CHECKING:
    from collections.abc import Callable

HTML_TAGS = """a abbr b blockquote br code details dd div dl dt em figcaption figure h2 h3 h4 hr i
    li mark ol p pre small span strong sub summary sup table tbody td th thead tr ul""".split()
# A parser lower-cases the name of an element before it knows that it is inside an SVG: both forms.
SVG_TAGS = "svg g path text tspan defs use rect circle line polyline clipPath clippath".split()
SVG_PAINT = """clip-path fill fill-opacity fill-rule opacity stroke stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-opacity stroke-width
    transform""".split()


def allow_on_use(_tag: str, name: str, value: str) -> bool:
    """Allow ``use``, matplotlib's ticks and markers, to point into the page only."""
    if name == "href":
        return re.fullmatch(r"#[\w-]+", value) is not None
    return name in {"x", "y", *SVG_PAINT}


ATTRIBUTES: dict[str, list[str] | Callable[[str, str, str], bool]] = {
    "*": ["class", "id", "role", "tabindex", "aria-label"],
    "a": ["href", "title"],
    "details": ["open"],
    "td": ["data-sort"],
    "th": ["scope", "data-filter"],
    "svg": ["width", "height", "viewBox"],
    "g": SVG_PAINT,
    "path": ["d", *SVG_PAINT],
    "rect": ["x", "y", "width", "height", "rx", *SVG_PAINT],
    "circle": ["cx", "cy", "r", *SVG_PAINT],
    "line": ["x1", "x2", "y1", "y2", *SVG_PAINT],
    "polyline": ["points", *SVG_PAINT],
    "text": ["x", "y", "dx", "dy", "font-size", "text-anchor", *SVG_PAINT],
    "tspan": ["x", "y", "dx", "dy", "font-size", "text-anchor", *SVG_PAINT],
    "use": allow_on_use,
}
CLEANER = bleach.Cleaner(
    tags={*HTML_TAGS, *SVG_TAGS}, attributes=ATTRIBUTES, protocols={"http", "https"}
)
