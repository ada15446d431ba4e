"""Laws of attribution on real servers: whatever pushes and hands do in turn, no lie is sure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres.claims import check_claims, read_claims
from tests.postgres.lab import (
    BLOCK,
    OWNER,
    TABLE,
    Answer,
    Lab,
    make_database,
    ref,
    run_each,
    version_of,
    write_files,
)
from tests.postgres.moves import dump_and_restore

from driftbook.audit.attribution import attribute_objects
from driftbook.audit.collect import Sources, collect_from
from driftbook.config import Target
from driftbook.demo.push import push_file
from driftbook.forensics.signatures import Shape
from driftbook.postgres.server import ShadowServer
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftbook.forensics.attribution import Attributed
    from driftbook.model import ObjectRef
    from driftbook.postgres.binaries import Binaries

TARGET = Target(name="turns", platform="plain")
NOTE = "insert into {} (version, name, statements) values (%s, %s, '{{-- applied manually}}')"
# What a file does; {0} is a table of its own.
PUSHES = {
    "push": "create table {0} (id bigint primary key);",
    "control": "begin;\ncreate table {0} (id bigint primary key);\ncommit;",
    "block": BLOCK.format("create table {0} (id bigint primary key);"),
    "many": "\n".join(BLOCK.format(f"create table {{0}}_{n} (id bigint);") for n in range(100)),
}
KINDS = ("push", "control", "block", "alter", "manual", "hand", "touch", "touch")
turns = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9)), min_size=12, max_size=20)


@dataclass
class Story:
    """A history as it is lived, and what is true of it.

    Attributes:
        lab: Its database.
        recorded: The files that were recorded, in this order.
        deeds: Table → birth and last touch, each as door and how many files were recorded.
        touches: How many columns were added by hand.
    """

    lab: Lab
    recorded: list[str] = field(default_factory=list)
    deeds: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    touches: int = 0

    def live(self, kind: str, pick: int) -> None:
        """Let one thing happen; nothing, where it cannot."""
        number = len(self.recorded) + 1
        if kind in PUSHES:
            made = [f"t{number}_{n}" for n in range(100)] if kind == "many" else [f"t{number}"]
            self._push(PUSHES[kind].format(f"t{number}"))
            self.deeds |= {name: [("pushed", number)] * 2 for name in made}
        elif kind == "manual":
            self._run_and_note(f"create table t{number} (id bigint primary key);")
            self.deeds[f"t{number}"] = [("manual_run", number)] * 2
        elif kind == "hand":
            name = f"hand{len(self.deeds)}"
            self._run(f"create table {name} (id bigint primary key)")
            self.deeds[name] = [("out_of_band", number - 1)] * 2
        elif kind == "touch" and self.deeds:
            name = list(self.deeds)[pick % len(self.deeds)]
            self.touches += 1
            self._run(f"alter table {name} add column c{self.touches} int")
            door = "out_of_band" if name.startswith("hand") else "retouched"
            self.deeds[name] = [self.deeds[name][0], (door, number - 1)]
        elif kind == "alter" and (ours := [one for one in self.deeds if one.startswith("t")]):
            name = ours[pick % len(ours)]
            self._push(f"alter table {name} add column of_file{number} int;")
            self.deeds[name] = [self.deeds[name][0], ("pushed", number)]

    def restore(self) -> None:
        """Move to a database that is restored from a dump of this one."""
        moved = dump_and_restore(self.lab, self.lab.database)
        self.lab = Lab(self.lab.server, self.lab.folder, moved)
        self.deeds = {name: [("restored", 0)] * 2 for name in self.deeds}

    def tell(self) -> dict[ObjectRef, tuple[Answer | None, Answer | None]]:
        """Return what is true of every table."""
        return {
            ref("table", name): (self._answer(*born), self._answer(*touched))
            for name, (born, touched) in self.deeds.items()
        }

    def ask(self) -> Attributed:
        """Return what attribution says of every table."""
        dsn = self.lab.server.dsn(self.lab.database, self.lab.server.superuser_name)
        return attribute_objects(
            collect_from(Sources(self.lab.folder, dsn), TARGET), list(self.tell())
        )

    def _answer(self, door: str, at: int) -> Answer:
        names = ["", *self.recorded, ""]
        if door == "pushed":
            return Answer(door, names[at], names[at - 1], names[at + 1])
        if door == "manual_run":
            return Answer(door, names[at], names[at - 1], names[at])
        return Answer(door, "", names[at], names[at + 1])

    def _run(self, statement: str) -> None:
        with self.lab.open() as session:
            run_each(session, [statement])

    def _push(self, text: str) -> None:
        name = self._write(text)
        with self.lab.open() as session:
            push_file(session, version_of(name), name, [one.text for one in split_cli(text)])

    def _run_and_note(self, text: str) -> None:
        self._run(text)
        name = self._write(text)
        with self.lab.open() as session:
            session.execute(NOTE.format(TABLE).encode(), (version_of(name), name))

    def _write(self, text: str) -> str:
        name = f"m{len(self.recorded) + 1:02}"
        write_files(self.lab.folder, {name: text})
        self.recorded.append(name)
        return name


@pytest.fixture(scope="module", params=["off", "on"], ids=lambda value: f"commit-times-{value}")
def place(
    request: pytest.FixtureRequest, binaries: Binaries, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ShadowServer, Path]]:
    """Yield a server that keeps commit times, or does not, and a folder for stories."""
    change = {"track_commit_timestamp": str(request.param)}
    with ShadowServer(binaries, superuser="supabase_admin", settings=change) as server:
        yield server, tmp_path_factory.mktemp("turns")


def begin(place: tuple[ShadowServer, Path]) -> Story:
    server, folder = place
    database = make_database(server)
    return Story(Lab(server, write_files(folder / database, {}), database))


@settings(
    max_examples=2,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(turns)
def test_the_truth_lies_inside_every_bracket_of_a_server(
    place: tuple[ShadowServer, Path], events: list[tuple[str, int]]
) -> None:
    story = begin(place)
    for kind, pick in [("push", 0), *events]:
        story.live(kind, pick)
    check_claims(story.ask(), story.tell())
    story.lab.server.drop_database(story.lab.database)


def test_a_hundred_subtransactions_are_no_hands(place: tuple[ShadowServer, Path]) -> None:
    story = begin(place)
    for kind in ("push", "many", "hand", "push", "hand"):
        story.live(kind, 0)
    found = story.ask()
    check_claims(found, story.tell())
    blocks = found.attribution[found.attribution["key"].str.contains("t2_")]
    assert len(blocks) == 100
    assert set(blocks["touched_class"]) == {"pushed"}
    assert set(blocks["touched_version"]) == {version_of("m02")}


def test_what_comes_after_a_restore_is_told_again(place: tuple[ShadowServer, Path]) -> None:
    story = begin(place)
    for kind in ("push", "hand", "push", "block", "manual"):
        story.live(kind, 0)
    story.restore()
    for kind, pick in (("push", 0), ("hand", 0), ("touch", 1), ("push", 0), ("hand", 0)):
        story.live(kind, pick)
    found = story.ask()
    assert found.horizon.shape is Shape.RESTORE, found.horizon.why
    for name, aspect, answer, row in read_claims(found, story.tell()):
        assert answer is not None
        said = row[f"{aspect}_class"]
        assert (said == "restored") is (answer.door == "restored"), (name, aspect, said)
    late = {key: answers for key, answers in story.tell().items() if is_late(answers)}
    check_claims(found, late)


def is_late(answers: tuple[Answer | None, Answer | None]) -> bool:
    return all(answer is not None and answer.door != "restored" for answer in answers)


def test_records_that_a_policy_hides_make_no_hands(place: tuple[ShadowServer, Path]) -> None:
    """The audit role sees some rows only: what it cannot see is not said to be nobody's."""
    story = begin(place)
    for kind in ("push", "push", "hand", "push"):
        story.live(kind, 0)
    with story.lab.server.superuser(story.lab.database) as session:
        walls = "enable row level security, force row level security"
        session.execute(f"alter table {TABLE} {walls}".encode())
        session.execute(f"create policy seen on {TABLE} using (name <> 'm02')".encode())
    dsn = story.lab.server.dsn(story.lab.database, OWNER)
    evidence = collect_from(Sources(story.lab.folder, dsn), TARGET)
    found = attribute_objects(evidence, list(story.tell()))
    check_claims(found, story.tell())
    assert any(TABLE in gap.what for gap in evidence.facts.gaps)
    assert "no record" in found.horizon.why
    tables = found.attribution[found.attribution["key"].str.contains('"t[123]"', regex=True)]
    assert set(tables["touched_class"]) == {"unknown"}
