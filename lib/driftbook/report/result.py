"""The result of a report as JSON: its schema, checked whenever one is read or written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from driftbook.errors import NotebookFailed
from driftbook.model import Severity, Verdict
from driftbook.versions import VersionState

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

Json = dict[str, object]
RESULT_MIME = "application/vnd.driftbook.result+json"
SCHEMA_VERSION = 1


class _Part(BaseModel):
    # Additions keep the version of the schema: what is unknown passes through.
    model_config = ConfigDict(extra="allow")


class TargetPart(_Part):
    """The target as reports name it; never host, user or database."""

    name: str
    label: str = ""
    every: str = ""  # how often it is audited: "1d"; empty: not said


class GapPart(_Part):
    """Something that could not be checked."""

    what: str
    why: str
    fix: str


class GonePart(_Part):
    """A finding of an earlier audit that this one does not have, and when it was seen."""

    id: str
    key: str
    rule: str
    severity: Severity
    title: str
    first_seen_at: str
    last_seen_at: str
    resolved_at: str = ""  # empty: it may still be there
    why: str = ""  # why that cannot be told


class SincePart(_Part):
    """The comparison with the previous audit of the target; no id of one: this is the first."""

    previous: str
    previous_at: str = ""
    why_unknown: str = ""  # why there is no comparison
    new: int = Field(ge=0)
    known: int = Field(ge=0)
    reopened: int = Field(default=0, ge=0)
    resolved: int = Field(ge=0)
    not_checked: int = Field(default=0, ge=0)  # gone where the audit could not look
    resolved_findings: list[GonePart] = []
    unchecked_findings: list[GonePart] = []


class TrendPart(_Part):
    """What one audit found, the last of the list being this one."""

    audited_at: str
    total: int = Field(ge=0)
    audit_id: str = ""
    counts: dict[Severity, int] = {}


class UsedByPart(_Part):
    """What needs an object: so many directly, so many in all, and the first of them."""

    direct: int = Field(ge=0)
    total: int = Field(ge=0)
    names: list[str] = []


class FindingPart(_Part):
    """A judged fact; ``id`` and ``key`` are the same in every audit."""

    id: str
    key: str
    rule: str
    group: str
    severity: Severity
    kind: str
    schema_: str = Field(default="", alias="schema")
    name: str
    detail: str = ""
    change: str = "none"
    title: str
    consequence: str = ""  # what it means: who reaches what, what breaks
    class_: str = Field(default="", alias="class")  # security, data, behaviour …; empty: no change
    used_by: UsedByPart | None = None  # in the live database; null: nothing was asked
    fix: str = ""
    fix_is_sql: bool = True
    fix_reverts: bool = False
    where: str = ""
    expected: str = ""
    live: str = ""
    properties: list[str] = []
    origin: str = ""  # who or what did it, and when, in words; empty: nothing was asked
    cross_major: bool = False  # two major versions wrote its texts, perhaps each in its own way
    state: Literal["new", "known", "reopened", ""] = ""  # empty: the past is not known
    first_seen_at: str = ""
    observed: str = ""  # what an accepted entry remembers: it is void when this changes


class AcceptedPart(_Part):
    """A finding that somebody answers for, until a date: the last day on which it holds."""

    id: str
    object: str
    reason: str
    owner: str
    until: str
    rule: str = ""
    ends_in_days: int | None = None
    finding: FindingPart | None = None


class AccessPart(_Part):
    """What roles reach of objects that the files do not give them, or no more."""

    direction: Literal["more", "less", "other"]  # other: as much, and not the same rows
    roles: list[str]
    privileges: list[str]
    kind: str
    objects: list[str]
    before: str  # nothing, no_rows, some_rows, as_caller, as_owner or everything
    after: str
    sentence: str


class SelfTestPart(_Part):
    """The last self-test of the target: how much of what was changed on purpose was seen."""

    at: str
    server_version: str
    same_files: bool  # those of this audit
    tried: int = Field(ge=0)
    detected: int = Field(ge=0)
    one_object_named: int = Field(ge=0)
    on_own_objects: int = Field(ge=0)
    missed: list[str] = []
    false_alarms: list[str] = []


class RulePart(_Part):
    """What a rule did; a rule that did not run says why."""

    id: str
    outcome: Literal["found", "clean", "not_run"]
    judged: str = ""
    reason: str = ""
    meaning: str = ""
    fix: str = ""


class ScopePart(_Part):
    """Objects outside the comparison."""

    reason: str
    kind: str
    objects: int = Field(ge=0)


class InterceptionPart(_Part):
    """A statement that the replay did not send as it is written."""

    kind: str
    file: str
    line: int
    object: str
    done: str
    effect: str


class VersionPart(_Part):
    """A version that is not simply applied; ``found`` of ``testable`` effects are live."""

    version: str
    file: str
    state: VersionState
    note: str = ""
    found: int = Field(default=0, ge=0)
    testable: int = Field(default=0, ge=0)


class NeverRunsPart(_Part):
    """A file of the migrations directory that no tool runs."""

    file: str
    why: str


class EventPart(_Part):
    """One event of an incident; a bound of its time that is not known is empty."""

    number: int = Field(ge=1)
    lane: str
    what: str
    earliest_at: str = ""
    latest_at: str = ""
    confidence: str
    clues: list[str] = []  # ids of the table of evidence


class Result(_Part):
    """Everything that the frame of a report shows, and all findings."""

    schema_version: Literal[1]
    report: str
    title: str
    verdict: Verdict
    reason: str
    fail_on: str = Severity.HIGH.value
    counts: dict[Severity, int] = {}
    target: TargetPart
    audit_id: str
    captured_at: str
    provenance: list[tuple[str, str]] = []
    incomplete: list[GapPart] = []
    since: SincePart | None = None
    trend: list[TrendPart] = []
    findings: list[FindingPart] = []
    accepted: list[AcceptedPart] = []
    access: list[AccessPart] = []  # worst first
    selftest: SelfTestPart | None = None
    rules: list[RulePart] = []
    scope: list[ScopePart] = []
    interceptions: list[InterceptionPart] = []
    versions: list[VersionPart] = []
    never_runs: list[NeverRunsPart] = []
    events: list[EventPart] = []  # of an incident
    unaccounted: int = Field(default=0, ge=0)
    objects: dict[str, int] = {}  # rows of the live catalog that were compared, by kind
    parameters: dict[str, str | int | float | bool] = {}
    environment: dict[str, str] = {}

    @model_validator(mode="after")
    def _check_pass(self) -> Result:
        if self.verdict is Verdict.PASS and self.incomplete:
            raise ValueError("verdict pass is impossible while something could not be checked")
        return self


def complete_result(value: object) -> Json:
    """Return a result with every key of the schema, defaults where it has none.

    Raises:
        NotebookFailed: ``value`` is no result of this version.
    """
    try:
        result = Result.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise NotebookFailed(
            f"the result does not match its schema: {first['msg']}",
            where=".".join(map(str, first["loc"])) or "result",
            fix="let begin(…) build the result, or follow driftbook/report/result.schema.json",
        ) from None
    return result.model_dump(mode="json", by_alias=True)


def find_result(notebook: NotebookNode) -> object:
    """Return the result that a cell emitted, unchecked; ``None`` when it never got that far."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if RESULT_MIME in output.get("data", {}):
                return json.loads(json.dumps(output["data"][RESULT_MIME]))
    return None


def write_result(result: Json, path: Path) -> Path:
    """Write ``result``, checked against the schema, and return ``path``."""
    text = json.dumps(complete_result(result), indent=1, ensure_ascii=True)
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def read_result(path: Path) -> Json:
    """Return the result in ``path``; see :func:`parse_result`."""
    try:
        return parse_result(path.read_bytes())
    except OSError:
        raise _explain_unreadable() from None


def parse_result(data: bytes) -> Json:
    """Return the result that ``data`` holds.

    Raises:
        NotebookFailed: It cannot be read, or is no result of this version.
    """
    try:
        value = json.loads(data)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise _explain_unreadable() from None
    return complete_result(value)


def _explain_unreadable() -> NotebookFailed:
    return NotebookFailed(
        "result.json cannot be read", where="result.json", fix="make the report again"
    )


def build_schema() -> Json:
    """Return the JSON Schema of results; ``result.schema.json`` in the wheel is this value."""
    schema = Result.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
