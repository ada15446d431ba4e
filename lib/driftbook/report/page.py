"""What every page consists of besides its content: style, scripts, policy, filters."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.charts.palette import SEVERITIES, style_sheet
from driftbook.report.markup import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftbook.report.result import Json

TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True, slots=True)
class Assets:
    """Style sheet and scripts of a page, and the policy under which only they apply."""

    style: str
    theme_script: str
    report_script: str
    policy: str


@cache
def read_assets() -> Assets:
    """Return what every page carries; the same text on every page."""
    theme, script, css = (
        (TEMPLATES / name).read_text(encoding="utf-8")
        for name in ("theme.js", "report.js", "report.css")
    )
    style = shorten_css(style_sheet() + css)
    return Assets(style, theme, script, build_policy(scripts=[theme, script], styles=[style]))


def shorten_css(css: str) -> str:
    """Return ``css`` without comments and indentation."""
    return re.sub(r"\n\s*", "\n", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)).strip()


def build_page(title: str) -> Json:
    """Return the values that the head and foot of a page need."""
    assets = read_assets()
    return {
        "title": title,
        "severities": SEVERITIES,
        "style": assets.style,
        "theme_script": assets.theme_script,
        "report_script": assets.report_script,
        "policy": assets.policy,
    }


def build_policy(scripts: Iterable[str], styles: Iterable[str]) -> str:
    """Return a policy under which nothing loads and only these scripts and styles apply."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def inert_json(value: object) -> str:
    """Return JSON that cannot end the element it stands in."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return re.sub("[<>&]", lambda char: f"\\u{ord(char[0]):04x}", text)


def sentence(text: object) -> str:
    """Return ``text`` for people, closed by a full stop."""
    words = shown(text).strip()
    return words if not words or words[-1] in ".!?:…" else f"{words}."


def moment(text: str) -> str:
    """Return a time of a result, ``2026-11-23T01:42:25Z``, as people write it."""
    return shown(re.sub(r"T(\d\d:\d\d):\d\dZ$", r" \1 UTC", text))


def counted(interceptions: Iterable[Mapping[str, object]]) -> list[Json]:
    """Return how many statements were intercepted, by kind and effect, most first."""
    counts = Counter((str(entry["kind"]), str(entry["effect"])) for entry in interceptions)
    order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"kind": kind, "effect": effect, "statements": count} for (kind, effect), count in order
    ]


FILTERS: dict[str, Callable[..., object]] = {
    "shown": shown,
    "sentence": sentence,
    "counted": counted,
    "moment": moment,
}
