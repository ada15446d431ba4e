"""What rules about versions judge, and the words that they share."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftbook.model import Finding, ObjectRef
from driftbook.tools import TOOLS
from driftbook.versions import OrderFlag, VersionState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftbook.failures import FailureFact
    from driftbook.model import Severity
    from driftbook.tools import Tool
    from driftbook.versions import Flag, Version

SHOWN = 5
PLAN = "driftbook tracking TARGET prints the plan"
WRITE = "driftbook tracking TARGET --write-files"
DIRECTORY = ObjectRef("directory", ("migrations",))


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """Everything that is known of the versions of one target.

    Attributes:
        versions: Files and records, joined.
        table: The tracking table, ``schema.name``.
        convention: ``supabase`` or another tool.
        records: Rows of the table; ``None`` when it was not read.
        grants: Grantee, privilege, and what it is on: ``table``, ``schema`` or ``column``.
        api_roles: Roles of the API, and PUBLIC.
        skipped: File of the directory that no tool runs, and why.
        failures: Files that failed in the shadow.
        stories: File → one sentence of its git history; files can be missing.
    """

    versions: tuple[Version, ...] = ()
    table: str = "supabase_migrations.schema_migrations"
    convention: str = "supabase"
    records: int | None = None
    grants: tuple[tuple[str, str, str], ...] = ()
    api_roles: tuple[str, ...] = ("PUBLIC",)
    skipped: tuple[tuple[str, str], ...] = ()
    failures: tuple[FailureFact, ...] = ()
    stories: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_supabase(self) -> bool:
        """Return whether the Supabase CLI keeps the table."""
        return self.convention == "supabase"

    @property
    def table_ref(self) -> ObjectRef:
        """Return the tracking table."""
        schema, _, name = self.table.rpartition(".")
        return ObjectRef("table", (schema or "public", name))

    @property
    def tool(self) -> Tool:
        """Return the tool that keeps the table, in words."""
        return TOOLS[self.convention]

    def of(self, *states: VersionState) -> Iterator[Version]:
        """Yield the versions of ``states``."""
        return (version for version in self.versions if version.state in states)

    def flagged(self, flag: Flag) -> Iterator[Version]:
        """Yield the files with ``flag``."""
        return (version for version in self.versions if version.file and flag in version.flags)

    def story(self, version: Version) -> str:
        """Return what git tells of the file, with a blank before it; empty when nothing is known.

        Of a record without a file it is the story of a file that had its version.
        """
        names = [version.file] if version.file else sorted(self.stories)
        mine = (
            self.stories[name]
            for name in names
            if name in self.stories and (version.file or name.startswith(f"{version.version}_"))
        )
        told = next(mine, "")
        return f" In git it was {told}." if told else ""

    def record(self, version: Version) -> str:
        """Return the one step that records ``version`` with the statements of its file."""
        # The CLI's command takes whole numbers only; without any it would rewrite the whole table.
        fits = re.fullmatch(r"[0-9]+", version.version) or not self.is_supabase
        if self.tool.record and fits:
            return self.tool.record.format(shlex.quote(version.version))
        return PLAN


def build_finding(  # noqa: PLR0913 - the parts of a finding
    rule: tuple[str, str],
    severity: Severity,
    version: Version,
    *,
    title: str,
    consequence: str,
    fix: str,
    fix_is_sql: bool = False,
    expected: str = "",
    live: str = "",
) -> Finding:
    """Return a finding about ``version``.

    Args:
        rule: Its id and group.
        severity: How bad it is.
        version: What it is about.
        title: What is wrong, after the name of the file.
        consequence: For whom, in sentences.
        fix: What to do.
        fix_is_sql: Whether ``fix`` is SQL.
        expected: Text of the file.
        live: What is recorded.
    """
    # Two files of one version are two findings: the version alone would give them one key.
    is_twin = version.state is VersionState.DUPLICATE_VERSION
    return Finding(
        *rule,
        severity,
        ObjectRef("migration", (version.version,)),
        f"{name_place(version)}: {title}",
        consequence,
        fix,
        detail=version.file if is_twin else "",
        expected=expected,
        live=live,
        where=version.file,
        fix_is_sql=fix_is_sql,
    )


def name_place(version: Version) -> str:
    """Return the name of the file, or the version of a record without one."""
    return name_file(version.file or version.version)


def name_file(file: str) -> str:
    """Return ``file`` as it is written, or with escapes where it cannot be read in a line."""
    return file if file.isprintable() else ascii(file)


def list_some(things: Iterable[object]) -> str:
    """Return the first five of ``things`` and how many more there are."""
    names = [name_file(str(thing)) for thing in things]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def start(sentence: str) -> str:
    """Return ``sentence`` with a capital."""
    return sentence[:1].upper() + sentence[1:]


def count(number: int, thing: str) -> str:
    """Return ``1 file`` or ``2 files``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def is_recorded(version: Version) -> bool:
    """Return whether the table has ``version``; a table that was not read has nothing."""
    return version.recorded and version.state is not VersionState.UNKNOWN


def is_skipped_over(version: Version) -> bool:
    """Return whether newer versions are recorded and this one, which nothing shows to run, not."""
    return version.state.is_pending and version.order is OrderFlag.OLDER_THAN_APPLIED


def first_of_each(versions: Iterable[Version]) -> Iterator[Version]:
    """Yield one of ``versions`` per version: what is said of the number is said once."""
    seen = set[str]()
    for version in versions:
        if version.version not in seen:
            seen.add(version.version)
            yield version
