"""One folder of files, one case: what becomes of every file, and what the schema then holds.

A new folder under ``tests/golden/replay`` with an ``expect.toml`` is a new case.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from driftbook.migrations.directory import read_directory
from driftbook.shadow.replay import load_dump, replay

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.result import ReplayResult

GOLDEN = Path(__file__).parent.parent / "golden" / "replay"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/expect.toml"))

# Both majors run every case; a test that starts no server of its own can be read without one.
pytestmark = pytest.mark.postgres


def run(server: ShadowServer, folder: Path, expect: dict[str, Any]) -> ReplayResult:
    platform = expect.get("platform", "supabase")
    role = expect.get("replay_role", "postgres")
    if "dump" in expect:
        return load_dump(server, folder / expect["dump"], platform=platform, replay_role=role)
    directory = read_directory(folder, convention=expect.get("convention", "supabase"))
    if "order" in expect:
        assert [file.path.name for file in directory.files] == expect["order"]
        assert sorted(entry.name for entry in directory.skipped) == sorted(expect["skipped"])
    return replay(
        server,
        directory,
        platform=platform,
        replay_role=role,
        mode=expect.get("mode", "survey"),
    )


def describe_files(result: ReplayResult) -> dict[str, dict[str, Any]]:
    notes = defaultdict(list)
    for note in result.notes:
        notes[note.file].append(note.kind)
    found: dict[str, dict[str, Any]] = {}
    for entry in result.files:
        error = entry.error
        found[entry.file] = {
            "status": entry.status,
            "statements": entry.statements,
            "notes": notes[entry.file],
            "sqlstate": error.sqlstate if error else "",
            "line": error.line if error else 0,
            "column": error.column if error else 0,
            "statement_line": error.statement_line if error else 0,
            "message": error.message if error else "",
            "hint": error.hint if error else "",
            "reason": error.reason if error else "",
            "class": error.cause.kind.value if error and error.cause else "",
            "object": error.cause.object if error and error.cause else "",
            "why": error.cause.why if error and error.cause else "",
            "root": error.cause.root if error and error.cause else "",
            "used_by": error.cause.used_by if error and error.cause else 0,
        }
    return found


@pytest.mark.parametrize("case", CASES)
def test_case(case: str, server: ShadowServer) -> None:
    folder = GOLDEN / case
    expect = tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8"))
    mark = server.roles()
    result = run(server, folder, expect)
    try:
        check(result, expect, f"pg{server.version_num // 10_000}")
    finally:
        server.drop_database(result.database)
        server.drop_roles_made_since(mark)


def check(result: ReplayResult, expect: dict[str, Any], major: str) -> None:
    named = expect.get("files", {})
    found = describe_files(result)
    assert set(named) <= set(found)
    for file, facts in found.items():
        # What a case does not say of a file is that it is applied as it is.
        wanted = {"status": "applied", "notes": []}
        wanted |= {key: value for key, value in named.get(file, {}).items() if key[:2] != "pg"}
        wanted |= named.get(file, {}).get(major, {})
        if result.mode == "strict":
            wanted.pop("notes")
        assert {key: facts[key] for key in wanted} == wanted, (file, facts)
    for kind, keys in expect.get("expected", {}).items():
        for key in keys:
            row = result.expected.row(kind.removeprefix("no_"), key)
            assert (row is None) == kind.startswith("no_"), (kind, key)
