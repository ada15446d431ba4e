"""The nouns of driftbook: frozen values, no I/O, no pandas."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Return 0 for the worst."""
        return list(Severity).index(self)

    def reaches(self, limit: Severity) -> bool:
        """Return whether this severity is ``limit`` or worse."""
        return self.rank <= limit.rank


class Verdict(StrEnum):
    """The one word for an audit."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    INCOMPLETE = "incomplete"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """Return the exit code of a command that ends with this verdict."""
        return {"pass": 0, "fail": 1, "error": 3, "incomplete": 4}[self.value]


class ChangeKind(StrEnum):
    """Which side of a diff has the object."""

    ONLY_LIVE = "only_live"
    ONLY_EXPECTED = "only_expected"
    ALTERED = "altered"


class PropertyClass(StrEnum):
    """What a property of an object decides; rules turn it into a severity."""

    SECURITY = "security"
    DATA = "data"
    BEHAVIOUR = "behaviour"
    PERFORMANCE = "performance"
    COSMETIC = "cosmetic"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object of a database by kind and key, never by OID.

    ``parts`` are the raw names of the key, for instance ``("public", "orders", "total")``
    for a column; their meaning is given by ``catalog.kinds.KINDS[kind].key``.
    """

    kind: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the parts joined by dots, each quoted when it has to be.

        A migration is named as its file or version is, and so are a directory and a finding: no
        identifiers of SQL.
        """
        if self.kind in {"migration", "directory", "finding"}:
            return self.parts[0]
        return ".".join(quote_part(part) for part in self.parts if part)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def quote_part(part: str) -> str:
    """Return ``part`` so that joining parts with dots stays unambiguous."""
    if re.fullmatch(r"[a-z_][a-z0-9_$]*(\(.*\))?", part, flags=re.DOTALL):
        return part
    return '"' + part.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What needs an object: so many others directly, so many in all, and the first of them."""

    direct: int
    total: int
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.direct:
            return "Nothing in the database depends on it."
        more = f" and {self.direct - len(self.names):,} more" * (self.direct > len(self.names))
        through = f"; {self.total:,} with what depends on those" * (self.total > self.direct)
        return f"Used by {', '.join(self.names)}{more}{through}."


@dataclass(frozen=True, slots=True)
class Finding:
    """A judged fact: what is wrong, for whom, and what to do."""

    rule: str
    group: str  # drift, tracking, file, live, code or accepted
    severity: Severity
    object: ObjectRef
    title: str
    consequence: str
    fix: str  # SQL that a migration would need, or words
    change: str = "none"  # a ChangeKind, or none
    detail: str = ""  # tells apart several findings of one rule about one object
    expected: str = ""  # definition that the files give
    live: str = ""  # definition that was found
    where: str = ""  # file:line
    fix_is_sql: bool = True
    fix_reverts: bool = False  # it brings live back to the files, instead of the files to live
    properties: tuple[str, ...] = field(default=())  # what differs, for an altered object
    origin: str = ""  # who or what did it, and when, as far as the evidence goes
    cls: str = ""  # a PropertyClass: what the change decides; empty: it is no change
    used_by: UsedBy | None = None  # in the live database; None: nothing was asked
    cross_major: bool = False  # two major versions wrote its texts, perhaps each in its own way

    @property
    def key(self) -> str:
        """Return the identity that accepted findings and history use, the same in every audit."""
        parts = (self.rule, self.object.kind, self.object.name)
        return ":".join((*parts, self.detail) if self.detail else parts)

    @property
    def id(self) -> str:
        """Return the short form for addresses and tables: ``drift-1a2b3c4d``."""
        # The name of a file need not be UTF-8.
        digest = hashlib.sha256(self.key.encode("utf-8", "surrogateescape")).hexdigest()
        return f"{self.group}-{digest[:8]}"


@dataclass(frozen=True, slots=True)
class Rpc:
    """A function behind HTTP that runs one SELECT.

    Attributes:
        address: Of the function; no secret.
        argument: Its argument that takes the SELECT.
        key: Of its caller, a secret; empty: it asks for none.
        insecure: Whether the key may go to another machine without encryption.
    """

    address: str
    argument: str
    key: str = field(repr=False)
    insecure: bool = False
