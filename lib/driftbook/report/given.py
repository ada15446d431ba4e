"""Parameters as people give them, and what an audit accepts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from driftbook.config import holds_dsn
from driftbook.errors import ConfigError
from driftbook.model import Severity
from driftbook.report.notebooks import SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Values = dict[str, object]


def check_values(given: Mapping[str, object]) -> None:
    """Raise :class:`ConfigError` for a value that a notebook would refuse only when it runs."""
    fail_on = given.get("fail_on", Severity.HIGH.value)
    if fail_on not in [severity.value for severity in Severity]:
        raise ConfigError(
            f"fail_on cannot be {fail_on!r}",
            where="parameter fail_on",
            fix=f"use one of {', '.join(Severity)}",
        )


def check_own(name: str, given: Mapping[str, object]) -> None:
    """Raise :class:`ConfigError` for a parameter that an audit of ``name`` sets by itself."""
    if given["target"] != name:
        raise ConfigError(
            f"the parameter target says {given['target']!r}, the audit is of {name!r}",
            where="parameter target",
            fix=f"leave it out, or run driftbook audit {given['target']}",
        )
    if given.get("audit_id"):
        raise ConfigError(
            "an audit captures anew and has an id of its own",
            where="parameter audit_id",
            fix=f"report on a stored audit: driftbook run {SCHEDULED[0]} -p target {name} "
            f"-p audit_id {given['audit_id']}",
        )


def read_parameters(pairs: Sequence[str], file: Path | None) -> Values:
    """Return the parameters of a YAML ``file`` and of ``NAME=VALUE`` pairs, which win.

    Raises:
        ConfigError: The file is no YAML mapping, or a pair has no value.
    """
    values: Values = {}
    if file is not None:
        try:
            document = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = getattr(error, "strerror", None) or "it is not YAML"
            raise ConfigError(
                f"the parameter file cannot be read: {reason}",
                where=str(file),
                fix="give a file of lines such as target: production",
            ) from None
        if not isinstance(document, dict):
            raise ConfigError(
                "the parameter file is no mapping", where=str(file), fix="write name: value lines"
            )
        values |= {str(name): value for name, value in document.items()}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if holds_dsn(name):
            raise ConfigError(
                "a connection string is no parameter's name",
                fix="write -p NAME VALUE; a database is named by a target of params/targets.toml",
            )
        if not equals:
            raise ConfigError(f"parameter {name!r} has no value", fix="write -p NAME VALUE")
        values[name] = parse_value(text)
    return values


def parse_value(text: str) -> object:
    """Return a number or truth value where ``text`` spells one, else ``text`` (papermill's way)."""
    if text in {"True", "true", "False", "false"}:
        return text.lower() == "true"
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text
