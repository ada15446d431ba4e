"""Charts as inline SVG that follows light and dark."""

from __future__ import annotations

import io
import re
import warnings
from functools import partial
from typing import TYPE_CHECKING

import matplotlib as mpl

from driftbook.charts.palette import themed
from driftbook.charts.style import STYLE, read_nothing
from driftbook.report.markup import Fragment, shown
from driftbook.report.tables import render_table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

SLUG = re.compile(r"[a-z][a-z0-9-]*")


def render_figure(ax: Axes, slug: str, alt: str, data: pd.DataFrame) -> Fragment:
    """Return the figure of ``ax`` as inline SVG that follows the theme, with its data underneath.

    Args:
        ax: Drawn with the colours of ``palette.PLACEHOLDERS``.
        slug: Unique in the report: inline SVGs share one id space.
        alt: What the figure shows, in one sentence.
        data: The numbers behind it, for readers who do not see the figure.
    """
    nothing = read_nothing(ax)
    if nothing:
        return Fragment('<p class="note">{}.</p>').format(shown(nothing))
    if not SLUG.fullmatch(slug):
        raise ValueError(f"slug {slug!r} has other characters than a-z, 0-9 and -")
    svg = _inline_svg(_draw(ax), slug, shown(alt))
    return Fragment(
        '<figure>{}<figcaption>{}</figcaption><details class="data"><summary>Data</summary>{}'
        "</details></figure>"
    ).format(svg, shown(alt), render_table(data, f"data of: {alt}", names=()))


def _draw(ax: Axes) -> str:
    buffer, figure = io.StringIO(), ax.get_figure(root=True)
    if figure is None:
        raise ValueError("the axes belong to no figure")
    undated = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context(STYLE), warnings.catch_warnings():  # type: ignore[arg-type]
        # Text stays text: the reader's browser has the glyph that matplotlib's font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata=undated)
    return buffer.getvalue()


def _inline_svg(document: str, slug: str, alt: str) -> Fragment:
    svg = document[document.index("<svg") :]
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r' (xmlns(:xlink)?|version)="[^"]*"', "", svg).replace("xlink:href", "href")
    svg = re.sub(r'style="([^"]*)"', _presentation_attributes, svg)
    svg = re.sub(r'\bid="', f'id="fig-{slug}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>fig-{slug}-", svg)
    svg = re.sub(r"<[^>]*>", partial(_shorten_tag, used=_find_used(svg)), svg)
    svg = re.sub(r">\s*\n\s*<", ">\n<", svg)
    while "<g>\n</g>\n" in svg:
        svg = svg.replace("<g>\n</g>\n", "")
    opening = Fragment('<svg role="img" aria-label="{}" ').format(alt)
    return Fragment(opening + Fragment(themed(svg).removeprefix("<svg")))


def _find_used(svg: str) -> frozenset[str]:
    return frozenset(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))


def _shorten_tag(tag: re.Match[str], used: frozenset[str]) -> str:
    """Return a tag without ids that nothing names and digits that nobody sees: half the bytes.

    Only tags are touched: text between them holds names, in which every character counts.
    """
    text = re.sub(r' id="([^"]*)"', lambda name: name[0] if name[1] in used else "", tag[0])
    text = re.sub(r' transform="rotate\(-?0 [^"]*"', "", text)
    text = re.sub(r"(\.\d\d)\d+", r"\1", text)
    return re.sub(r"\s+", " ", text).replace(' "', '"')


def _presentation_attributes(style: re.Match[str]) -> str:
    """Return ``fill="…" stroke="…"`` for an inline style: the report's policy allows no styles."""
    pairs = (part.split(":", 1) for part in style[1].split(";") if part.strip())
    attributes = {name.strip(): value.strip() for name, value in pairs}
    attributes.pop("font-family", None)  # the page's own
    font = attributes.pop("font", None)
    if font:
        attributes["font-size"] = font.split("px")[0].split()[-1]
    return " ".join(f'{name}="{value}"' for name, value in attributes.items())
