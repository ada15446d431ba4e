"""What is known of one migration version: files, tracking table and live database, joined."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from driftbook.model import ObjectRef  # noqa: TC001 - stored audits are checked against it


class VersionState(StrEnum):
    """What files, tracking table and live database say of one version, taken together."""

    APPLIED = "applied"
    PENDING = "pending"
    PENDING_UNTESTABLE = "pending_untestable"  # data or comments only: nothing tells
    APPLIED_UNRECORDED = "applied_unrecorded"  # what it does is live, its record is missing
    PARTLY_APPLIED_UNRECORDED = "partly_applied_unrecorded"
    NEVER_EFFECTIVE = "never_effective"  # recorded, and nothing of what it does is live
    PARTLY_EFFECTIVE = "partly_effective"
    EDITED_AFTER_APPLY = "edited_after_apply"  # the file says something else than its record
    EDITED_HARMLESS = "edited_harmless"  # another text that does the same
    UNCONFIRMED = "unconfirmed"  # only the record says so, and it holds no SQL
    CONFIRMED_BY_EFFECT = "confirmed_by_effect"  # the record holds no SQL, what it does is live
    MOVED = "moved"  # the same SQL is a file under one version, a record under another
    MISSING_FILE = "missing_file"  # the record is the only copy of the SQL
    MISSING_FILE_UNKNOWN = "missing_file_unknown"  # neither a file nor its SQL
    DUPLICATE_VERSION = "duplicate_version"
    UNKNOWN = "unknown"  # the tracking table was not read

    @property
    def is_pending(self) -> bool:
        """Return whether the version is planned work, as far as can be told."""
        return self in {VersionState.PENDING, VersionState.PENDING_UNTESTABLE}

    @property
    def is_settled(self) -> bool:
        """Return whether files, tracking table and live database agree, or were not asked."""
        return self.is_pending or self in {VersionState.APPLIED, VersionState.UNKNOWN}


class Content(StrEnum):
    """How the text of a file compares with the statements that were recorded for it."""

    IDENTICAL = "identical"
    EQUAL = "equal"  # but for layout and comments
    GUARDED = "guarded"  # but for IF [NOT] EXISTS and OR REPLACE
    SAME_EFFECT = "same_effect"  # other words, and the shadow gives the same schema
    DIFFERENT = "different"
    PLACEHOLDER = "placeholder"  # recorded are comments or notes, no SQL
    UNKNOWN = "unknown"  # nothing is recorded: that never means "empty"
    NONE = "none"  # there is no pair to compare, or neither side has a statement


class Trust(StrEnum):
    """What a record is evidence of."""

    PUSHED = "pushed"  # written in the transaction that made an object which is still there
    BULK = "bulk"  # written in one transaction with other records: a restore or a repair
    UNKNOWN = "unknown"


class EffectState(StrEnum):
    """How much of what a file does is live."""

    FULL = "full"
    PARTIAL = "partial"
    ABSENT = "absent"
    SUPERSEDED = "superseded"  # later files changed or removed everything it did
    UNTESTABLE = "untestable"  # rows or comments only, or it failed in the shadow


class OrderFlag(StrEnum):
    """Whether a version stands where the migration tool expects it."""

    OK = "ok"
    OUT_OF_ORDER = "out_of_order"  # recorded before a version that sorts below it
    OLDER_THAN_APPLIED = "older_than_applied"  # not recorded, below the newest recorded one


class Flag(StrEnum):
    """Something else to know of a version, beside its state."""

    NAME_MISMATCH = "name_mismatch"  # file and record have other names
    CHANGED_SINCE = "changed_since"  # what it made is live in another shape
    NO_CHANGE = "no_change"  # it ran in the shadow and changed no schema
    COMMENT_ONLY = "comment_only"  # the file has no statement
    EMPTIED = "emptied"  # the file has no statement, its record has
    EDITED_IN_GIT = "edited_in_git"  # after its first commit
    UNCOMMITTED = "uncommitted"  # or changed since the last commit
    DUPLICATE_CONTENT = "duplicate_content"  # another file says the same
    MERGED = "merged"  # its record holds what several files say
    SPLIT = "split"  # several records hold what its file says
    MALFORMED = "malformed"  # a record that no file can ever match
    NO_TIME = "no_time"  # 14 digits that are no time, or fewer digits
    IN_FUTURE = "in_future"


class Deed(StrEnum):
    """What a file did to an object."""

    CREATED = "created"
    ALTERED = "altered"
    DROPPED = "dropped"


class FactStatus(StrEnum):
    """Whether a fact is true of the live database."""

    FOUND = "found"
    MISSING = "missing"  # the object is not there, or one that was dropped is
    DIFFERENT = "different"  # the object is there in another shape
    SUPERSEDED = "superseded"  # a later file did something else to it
    UNTESTED = "untested"  # there is no live database, or the object is out of scope


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file did to the schema, and whether it is so in the live database.

    Attributes:
        version: Of the file.
        file: Its name.
        thing: The object, or the part of one: a column is a thing of its own.
        deed: What was done to it.
        property: What was altered; empty for the object as a whole.
        value: What it became: the text of the property, a hash of the whole object, or ``None``.
        status: As the live database shows it.
        part_of: The object that came or went with it; ``None`` when it stands for itself.
        other_name: What a renamed object was called before, of what is created; what it is called
            since, of what is dropped; ``None`` without a rename.
        on: The table that an index is on.
    """

    version: str
    file: str
    thing: ObjectRef
    deed: Deed
    property: str = ""
    value: str | None = None
    status: FactStatus = FactStatus.UNTESTED
    part_of: ObjectRef | None = None
    other_name: ObjectRef | None = None
    on: ObjectRef | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version in files, tracking table, or both; two files of one version are two rows.

    Attributes:
        version: As text: leading zeros count.
        file: Name of the file; empty: recorded without a file.
        state: The three sources taken together.
        recorded: Whether the tracking table has it.
        note: The reason of the state, one sentence.
        name_file: The title in the file's name.
        name_row: The recorded title; ``None`` when none is.
        content: The text of the file against the recorded statements.
        trust: What the record is evidence of.
        match_version: The version of the other half, of a moved one.
        effect: How much of what it does is live.
        found: Facts that hold in the live database.
        testable: Facts that nothing later supersedes; 0: nothing can be told.
        makes: The live objects that it made or changed.
        missing: What it made that is not live, or dropped that is.
        lacking: The same in words: of a changed object the property.
        different: What it made that is live in another shape.
        order: Whether it stands where the tool expects it.
        flags: What else there is to know, sorted.
        related: Versions that the flags speak of.
        written: Text of the file, of a version whose text matters.
        recorded_text: Recorded statements, of a version whose text matters.
        edit_effect: What the edit changed in the schema, a line each.
    """

    version: str
    file: str
    state: VersionState
    recorded: bool
    note: str = ""
    found: int = 0
    testable: int = 0
    makes: tuple[ObjectRef, ...] = ()
    name_file: str = ""
    name_row: str | None = None
    content: Content = Content.NONE
    trust: Trust = Trust.UNKNOWN
    match_version: str = ""
    effect: EffectState = EffectState.UNTESTABLE
    missing: tuple[ObjectRef, ...] = ()
    lacking: tuple[str, ...] = ()
    different: tuple[ObjectRef, ...] = ()
    order: OrderFlag = OrderFlag.OK
    flags: tuple[Flag, ...] = ()
    related: tuple[str, ...] = ()
    written: str = ""
    recorded_text: str = ""
    edit_effect: tuple[str, ...] = ()
