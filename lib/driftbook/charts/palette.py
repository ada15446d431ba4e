"""The one place where a colour is written down: the style sheet and the charts both read it."""

from __future__ import annotations

from driftbook.model import Severity

SEVERITIES = tuple(severity.value for severity in Severity)

# name: (light, dark). Text colours reach a contrast of 4.5 on both "bg" and "card".
COLOURS: dict[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#0d1117"),
    "card": ("#f6f8fa", "#161b22"),
    "fg": ("#1b1f24", "#e6edf3"),
    "muted": ("#57606a", "#9aa4af"),
    "line": ("#d0d7de", "#30363d"),
    "accent": ("#0b62c4", "#6cb6ff"),
    "ok": ("#0a6b4b", "#5bd6a4"),
    "critical": ("#a3123a", "#ff7b9c"),
    "high": ("#b34700", "#ffa657"),
    "medium": ("#7a5b00", "#e3c14d"),
    "low": ("#0b62c4", "#6cb6ff"),
    "info": ("#57606a", "#9aa4af"),
    "added": ("#dafbe1", "#12311e"),
    "removed": ("#ffe3e0", "#40191c"),
    "added-word": ("#a5edb4", "#1f6f3c"),
    "removed-word": ("#ffb8b0", "#8a2f33"),
    # For series that are not severities: Okabe-Ito, adjusted until its labels are legible.
    "series-0": ("#0072b2", "#56b4e9"),
    "series-1": ("#b84f00", "#ff9248"),
    "series-2": ("#8a6d00", "#f0e442"),
    "series-3": ("#00795a", "#3fd0a4"),
    "series-4": ("#7b4f96", "#d8a0d8"),
}

# matplotlib only knows plain colours: it draws with one placeholder per name, and
# `themed` turns each placeholder into a CSS variable, so that one SVG follows light and dark.
PLACEHOLDERS = {name: f"#0101{index:02x}" for index, name in enumerate(COLOURS)}


def themed(svg: str) -> str:
    """Return ``svg`` with placeholders as CSS variables, each with its light colour as fallback."""
    for name, placeholder in PLACEHOLDERS.items():
        svg = svg.replace(placeholder, f"var(--{name},{COLOURS[name][0]})")
    return svg


def style_sheet() -> str:
    """Return the CSS variables: light, dark by preference, dark by choice; paper is light."""
    light, dark = (
        ";".join(f"--{name}:{pair[shade]}" for name, pair in COLOURS.items()) for shade in (0, 1)
    )
    return (
        f":root{{{light}}}\n"
        "@media screen and (prefers-color-scheme:dark)"
        f"{{:root:not([data-theme=light]){{{dark}}}}}\n"
        f"@media screen{{:root[data-theme=dark]{{{dark}}}}}\n"
    )
