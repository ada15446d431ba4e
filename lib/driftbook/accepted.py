"""Findings that somebody answers for: ``params/accepted.toml``, and what keeps an entry valid."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from driftbook.errors import ConfigError
from driftbook.redact import redact

if TYPE_CHECKING:
    from pathlib import Path

    from driftbook.config import Settings
    from driftbook.model import Finding

ACCEPTED_FILE = "accepted.toml"
PREFIX = "accepted-"  # of rules about entries: nobody accepts those

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Accepted(BaseModel):
    """One entry: who accepts which finding, why, and until when.

    Attributes:
        key: Of the finding, as reports give it.
        id: Of the finding; it decides where a key cannot be written down.
        targets: Whose audits it holds for.
        until: The last day on which it holds (UTC).
        observed: What :func:`hash_observed` said when it was accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Words
    id: str = ""
    targets: tuple[str, ...] = Field(min_length=1)
    reason: Words
    owner: Words
    until: date
    observed: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")

    @property
    def rule(self) -> str:
        """Return the rule of the finding."""
        return self.key.partition(":")[0]

    def is_about(self, finding: Finding) -> bool:
        """Return whether ``finding`` is the one that was accepted, changed or not."""
        return self.id == finding.id if self.id else self.key == finding.key


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accepted: tuple[Accepted, ...] = ()


def read_accepted(settings: Settings) -> tuple[Accepted, ...]:
    """Return the entries of ``accepted.toml`` beside ``targets.toml``; no file, no entry.

    Raises:
        ConfigError: The file is malformed, or names a target that there is not.
    """
    path = settings.params / ACCEPTED_FILE if settings.params else None
    if path is None or not path.exists():
        return ()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        fix = "correct the file: what is accepted decides the verdict"
        raise ConfigError(
            f"{ACCEPTED_FILE} cannot be read: {reason}", where=str(path), fix=fix
        ) from None
    entries = parse_accepted(text, path)
    unknown = sorted({name for one in entries for name in one.targets} - settings.targets.keys())
    if unknown:
        raise ConfigError(
            f"{ACCEPTED_FILE} names a target that there is not: {unknown[0]!r}",
            where=str(path),
            fix=f"use one of {', '.join(sorted(settings.targets))}, or remove the entry",
        )
    return entries


def parse_accepted(text: str, path: Path) -> tuple[Accepted, ...]:
    """Return the entries in ``text``, in its order.

    Raises:
        ConfigError: It is no TOML, an entry is malformed, or two are about one finding.
    """
    try:
        entries = _Document.model_validate(tomllib.loads(text)).accepted
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{ACCEPTED_FILE} is not TOML: {error}", where=str(path), fix="correct the line"
        ) from None
    except ValidationError as error:
        raise _explain(error, path) from None
    seen = set[tuple[str, str]]()
    for number, entry in enumerate(entries, 1):
        where = f"{path}, entry {number}"
        pairs = {(target, entry.key) for target in entry.targets}
        if pairs & seen:
            fix = "keep one of the two entries"
            raise ConfigError(f"{entry.key!r} is accepted twice", where=where, fix=fix)
        if entry.rule.startswith(PREFIX):
            fix = "mend or remove the entry that the finding is about"
            raise ConfigError("a finding about an entry cannot be accepted", where=where, fix=fix)
        seen |= pairs
    return entries


def _explain(error: ValidationError, path: Path) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    _, number, key = (*first["loc"], "", "")[:3]
    where = f"{path}, entry {number + 1}" if isinstance(number, int) else str(path)
    known = ", ".join(Accepted.model_fields)
    return ConfigError(
        f"{ACCEPTED_FILE}: {key or first['loc'][0]}: {first['msg']}",
        where=where,
        fix=f"an entry has {known}: driftbook accept writes one",
    )


def hash_observed(finding: Finding) -> str:
    """Return what an entry remembers of ``finding``: another severity or definition, another hash.

    Secrets do not count, so that the hash tells nothing of them, and a report that is made again
    from redacted evidence agrees with the first.
    """
    texts = (finding.expected, finding.live)
    content = json.dumps([finding.severity.value, *map(_blank_secrets, texts)])
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"


def _blank_secrets(text: str) -> str:
    return re.sub("(\u2039redacted [a-z-]+) [0-9a-f]{8}\u203a", r"\1" + "\u203a", redact(text))
