"""Statements that the replay role cannot run here: left out or changed, each with a note.

Nothing depends on it for safety: what it misses is refused by the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import DDL_LOG_TRIGGERS
from driftbook.shadow import edits
from driftbook.shadow.extensions import How
from driftbook.shadow.prelude import load_manifest
from driftbook.shadow.result import Note
from driftbook.shadow.roles import INLINE_ROLES_VERSION
from driftbook.shadow.withheld import Withheld

if TYPE_CHECKING:
    from driftbook.model import ObjectRef
    from driftbook.shadow.prepare import Prepared
    from driftbook.shadow.result import Mode
    from driftbook.shadow.script import Script
    from driftbook.sqltext import Shape, Statement

MAINTAIN_VERSION = 170_000
UNLISTED_SETTINGS = frozenset({"role", "session_authorization", "seed", ""})

EXTENSION_NOTES = {
    How.PREPARED: ("extension-prepared", "made before the first file", "none"),
    How.STUBBED: ("extension-stubbed", "a stand-in was made instead", "version not compared"),
    How.NAME_ONLY: ("extension-name-only", "noted by name, not made", "version not compared"),
    How.UNKNOWN: (
        "extension-unknown",
        "left out: the shadow does not have it",
        "unchecked: what uses it",
    ),
}
PRIVILEGED = {
    "system-alter": "a setting of the whole server",
    "subscription-create": "a subscription",
    "subscription-alter": "a subscription",
    "subscription-drop": "a subscription",
    "wrapper-create": "a foreign data wrapper",
    "language-create": "a language",
    "access-method-create": "an access method",
    "operator-class-create": "an operator class",
    "operator-family-create": "an operator family",
    "operator-family-change": "an operator family",
    "base-type-create": "a type made of functions",
    "search-parser-create": "a text search parser",
    "search-template-create": "a text search template",
    "security-label-create": "a security label",
    "copy-server": "a program or a file of the server",
}


@dataclass(frozen=True, slots=True)
class Send:
    """One statement on its way.

    Attributes:
        number: Its place in the file, from 1.
        text: What is sent.
        is_moved: Positions in it are not those of the file.
    """

    number: int
    text: str
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    kind: str
    object: str
    done: str
    effect: str = "none"
    text: str | None = None  # sent instead; None: nothing is sent


class Interceptor:
    """Decides for one replay what is sent.

    Args:
        prepared: What the server has and what was made beforehand.
        mode: ``strict`` sends what the tool sends and gives way only to the platform.
        database_names: What the files call the target's database; empty: anything.
        is_dump: The text describes a whole database: what exists already is tolerated.
    """

    def __init__(
        self,
        prepared: Prepared,
        mode: Mode,
        database_names: tuple[str, ...] = (),
        *,
        is_dump: bool = False,
    ) -> None:
        self._prepared, self._mode, self._is_dump = prepared, mode, is_dump
        self._names = frozenset(database_names)
        self._inline_roles = prepared.facts.version_num >= INLINE_ROLES_VERSION
        self._dropped: set[str] = set()
        self._withheld = Withheld()

    def rewrite(self, script: Script) -> tuple[list[Send], list[Note]]:
        """Return what is sent of ``script``, and a note for everything else."""
        sends, notes = list[Send](), list[Note](script.notes)
        pairs = zip(script.statements, script.shapes, strict=True)
        for number, (statement, shape) in enumerate(pairs, start=1):
            is_first = not (sends or script.is_wrapped)
            answer = self._answer(statement.text, shape, is_first=is_first)
            if answer is None:
                sends.append(Send(number, statement.text))
                continue
            is_unchecked = answer.effect.startswith("unchecked")
            withheld = self._withheld.add(shape) if is_unchecked else ()
            notes.append(_note(script.file, number, statement, answer, withheld))
            if answer.text is not None:
                moved = len(answer.text) != len(statement.text)
                sends.append(Send(number, answer.text, moved))
        return sends, notes

    def _answer(self, text: str, shape: Shape, *, is_first: bool) -> _Answer | None:
        kind, _, verb = shape.kind.partition("-")
        if kind == "extension":
            return self._answer_extension(shape, verb)
        if kind == "role":
            return self._answer_role(text, shape, verb)
        if kind == "database":
            return self._answer_database(text, shape)
        if shape.kind in {"index-create", "index-drop", "reindex"}:
            return self._answer_index(text, shape, is_first=is_first)
        if shape.kind == "schema-create":
            return self._answer_schema(text, shape)
        return (
            self._answer_unknown(text, shape)
            or self._answer_privileged(shape)
            or self._answer_block(text, shape)
        )

    def _answer_unknown(self, text: str, shape: Shape) -> _Answer | None:
        """Answer what this server, or no server without a client, understands."""
        if shape.kind in {"copy-stdin", "copy-stdout"} and self._mode == "survey":
            return _Answer("copy-data-skipped", shape.names[0], "rows were not loaded", "data only")
        if self._mode == "strict":  # the tool sends it, and its server refuses it as this one does
            return None
        if shape.kind == "set" and self._is_unknown_setting(shape.method):
            done = "left out: the server does not know the setting"
            return _Answer("setting-unknown", shape.method, done)
        if "maintain" in shape.words and self._prepared.facts.version_num < MAINTAIN_VERSION:
            return _answer_maintain(text, shape)
        return None

    def _answer_extension(self, shape: Shape, verb: str) -> _Answer | None:
        name = shape.names[0]
        item = self._prepared.provisions.get(name)
        if verb != "create":
            if item is not None and item.how is How.INLINE:
                return None
            if verb == "drop":
                self._dropped.update(shape.names)
            done = "not sent: the extension is not the files' own here"
            return _Answer("extension-statement-recorded", ", ".join(shape.names), done)
        # One that computed text or a DO block did not show; the server decides.
        if item is None or item.how is How.INLINE:
            return None
        # The server passes over what the platform has, or refuses the second one.
        exists = item.preinstalled and name in self._prepared.facts.installed
        if exists and name not in self._dropped:
            return None
        self._dropped.discard(name)
        note, done, effect = EXTENSION_NOTES[item.how]
        return _Answer(note, name, done, effect)

    def _answer_role(self, text: str, shape: Shape, verb: str) -> _Answer | None:
        names = ", ".join(shape.names) or "all roles"
        if self._inline_roles and shape.words & {"superuser", "replication"}:
            done = "not sent: the shadow gives nobody SUPERUSER or REPLICATION"
            return _Answer("privileged-recorded", names, done, "none: roles are not compared")
        if verb == "create" and shape.names[0] in self._prepared.roles:
            return _Answer("role-prepared", names, "made before the first file")
        own = shape.names == (self._prepared.role,)
        if self._inline_roles or (own and verb == "set"):
            if shape.method not in self._prepared.parameters:
                return None
            done = "sent; the right to set it was given before the first file"
            return _Answer("parameter-granted", shape.method, done, text=text)
        return _Answer("role-recorded", names, "not sent: roles cannot be changed in this shadow")

    def _answer_block(self, text: str, shape: Shape) -> _Answer | None:
        if shape.kind != "do":
            return None
        ours = [item.name for item in self._prepared.provisions.values() if not item.is_real]
        roles = not self._inline_roles
        changed = edits.drop_from_block(text, shape.body, ours, roles=roles)
        if changed == text:
            return None
        without = edits.drop_from_block(text, shape.body, ours, roles=False)
        if without != text:
            done = "sent without the statements that make extensions: stand-ins are there"
            done += "; those about roles left too" * (changed != without)
            return _Answer("extension-stubbed", "a DO block", done, "version not compared", changed)
        done = "sent without the statements that make or change roles: this shadow refuses them"
        return _Answer("role-recorded", "a DO block", done, text=changed)

    def _answer_database(self, text: str, shape: Shape) -> _Answer | None:
        named = set(shape.names) - {self._prepared.database}
        if self._names and not named & self._names and named != {"postgres"}:
            return None
        if len(shape.names) != 1:
            return None
        changed = edits.replace_database(text, self._prepared.database)
        done = "sent with the name of the shadow's database"
        return _Answer("database-name-replaced", shape.names[0], done, text=changed)

    def _answer_index(self, text: str, shape: Shape, *, is_first: bool) -> _Answer | None:
        if shape.kind == "index-create" and not self._has_method(shape.method):
            done = f"left out: the shadow has no access method {shape.method!r}"
            effect = "unchecked: the index"
            return _Answer("index-method-missing", shape.names[0], done, effect)
        if "concurrently" in shape.words and not is_first and self._mode == "survey":
            changed = edits.drop_concurrently(text)
            done = "CONCURRENTLY was left out: in this place the tool itself would fail"
            return _Answer("concurrently-removed", shape.names[0], done, text=changed)
        return None

    def _answer_schema(self, text: str, shape: Shape) -> _Answer | None:
        name = shape.names[0]
        exists = name in self._prepared.schemas or (self._is_dump and name == "public")
        if not exists or "if-not-exists" in shape.words:
            return None
        # Made for an extension it belongs to the replay role; the statement may give it away.
        owner = shape.roles[0] if shape.roles else ""
        changed = edits.hand_over(name, owner) if owner else edits.add_if_not_exists(text)
        return _Answer("schema-prepared", name, "exists here already", text=changed)

    def _answer_privileged(self, shape: Shape) -> _Answer | None:
        if shape.kind.startswith("event-trigger"):
            name, done = shape.names[0], "not made: it needs a superuser"
            # Of driftbook's own log none is compared while it is as it was installed.
            effect = "none" if name in DDL_LOG_TRIGGERS else "unchecked: the event trigger"
            return _Answer("event-trigger-recorded", name, done, effect)
        what, name = PRIVILEGED.get(shape.kind, ""), ", ".join(shape.names)
        facts = self._prepared.facts
        if shape.kind in {"function-create", "do"} and shape.method:
            if shape.method not in facts.languages | {"sql", "plpgsql"}:
                what = f"the language {shape.method!r}"
        elif shape.kind == "server-create" and shape.method not in facts.wrappers:
            what = f"the foreign data wrapper {shape.method!r}"
        if not what and self._withheld.reaches(shape):
            what = "what was not made here"
            if not shape.kind.endswith("-create"):  # of what it is about there is a note already
                name = ""
        if not what:
            return None
        effect = f"unchecked: {name}" if name else "none"
        return _Answer("privileged-recorded", name, f"not sent: it concerns {what}", effect)

    def _is_unknown_setting(self, name: str) -> bool:
        known = self._prepared.facts.settings | UNLISTED_SETTINGS
        return "." not in name and name.lower() not in known

    def _has_method(self, method: str) -> bool:
        if not method or method in self._prepared.facts.methods:
            return True
        # A trusted extension brings its methods when its own statement runs.
        owner = next(
            (stub.name for stub in load_manifest().stubs.values() if method in stub.provides),
            method,
        )
        item = self._prepared.provisions.get(owner)
        return item is not None and item.is_real


def _answer_maintain(text: str, shape: Shape) -> _Answer:
    if "only-maintain" in shape.words:
        done, changed = "left out: the server does not know the privilege", None
    else:
        done, changed = "MAINTAIN was left out", edits.drop_maintain(text)
    return _Answer("privilege-unknown", "MAINTAIN", done, "MAINTAIN not compared", changed)


def _note(
    file: str,
    number: int,
    statement: Statement,
    answer: _Answer,
    withheld: tuple[ObjectRef, ...],
) -> Note:
    return Note(
        answer.kind,
        file,
        number,
        statement.line,
        answer.object,
        answer.done,
        answer.effect,
        withheld,
    )
