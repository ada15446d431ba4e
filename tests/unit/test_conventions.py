"""How six tools name, order, cut and record their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftbook.audit.judge import find_orders
from driftbook.errors import SourceError
from driftbook.migrations.conventions import CONVENTIONS, detect_convention
from driftbook.migrations.directory import Directory, MigrationFile, read_directory
from driftbook.tracking.table import Tracking, TrackingRow, TrackingStatus
from driftbook.versions import OrderFlag

if TYPE_CHECKING:
    from collections.abc import Sequence

UP = "-- migrate:up\nselect 1;\n"
SCRIPT = "select 1;\n"


def arrange(convention: str, *names: str) -> list[tuple[str, str, str]]:
    """Return version, title and why of each name, in the order of the tool."""
    listing = dict.fromkeys(sorted(names), True)
    found = CONVENTIONS[convention].arrange(listing, lambda _: "")
    return [(named.version, named.name, named.why) for named in found]


def fill(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("convention", "name", "version", "title"),
    [
        ("flyway", "V1__a.sql", "1", "a"),
        ("flyway", "V1.2__a b.sql", "1.2", "a b"),
        ("flyway", "V01_002__a__b.sql", "1.2", "a__b"),
        ("flyway", "V1.0.0__zeros.sql", "1", "zeros"),
        ("flyway", "V20250101.1200__a.sql", "20250101.1200", "a"),
        ("flyway", "sub/folder/V3__a.sql", "3", "a"),
        ("flyway", "V4.sql", "4", ""),
        ("flyway", "R__a view.sql", "R__a view", "a view"),
        ("dbmate", "20250101000000_a.sql", "20250101000000", "a"),
        ("dbmate", "007.sql", "007", ""),
        ("golang-migrate", "000001_a_b.up.sql", "000001", "a_b"),
        ("prisma", "20250101000000_a_b", "20250101000000_a_b", "a_b"),
    ],
)
def test_a_name_is_read_as_the_tool_reads_it(
    convention: str, name: str, version: str, title: str
) -> None:
    assert arrange(convention, name) == [(version, title, "")]


@pytest.mark.parametrize(
    ("convention", "name", "why"),
    [
        ("flyway", "U1__a.sql", "an undo migration runs when it is asked for"),
        ("flyway", "v1__a.sql", "the name is not"),
        ("flyway", "V1_a__b.sql", "the name is not"),
        ("dbmate", "a_1.sql", "the name is not <digits>_<name>.sql"),
        ("golang-migrate", "1_a.down.sql", "it takes a migration back"),
        ("golang-migrate", "1_a.sql", "the name is not <digits>_<name>.up.sql"),
        ("drizzle", "0000_a.sql", "meta/_journal.json does not name it"),
    ],
)
def test_what_never_runs_says_why(convention: str, name: str, why: str) -> None:
    if convention == "drizzle":
        found = CONVENTIONS[convention].arrange({name: True}, lambda _: '{"entries": []}')
        assert [named.why for named in found] == [why]
        return
    [(_, _, said)] = arrange(convention, name)
    assert said.startswith(why)


PARTS = st.lists(st.integers(0, 40), min_size=1, max_size=4).filter(any)


@given(st.lists(PARTS, min_size=1, max_size=8, unique_by=lambda p: tuple(trim(p))), st.data())
def test_flyway_orders_versions_as_numbers(versions: list[list[int]], data: st.DataObject) -> None:
    def write(parts: Sequence[int]) -> str:
        separator = data.draw(st.sampled_from("._"))
        padded = ["0" * data.draw(st.integers(0, 2)) + str(part) for part in parts]
        return f"V{separator.join(padded)}__a.sql"

    found = arrange("flyway", "R__z.sql", "R__a.sql", *map(write, versions))
    expected = [".".join(map(str, trim(parts))) for parts in sorted(map(trim, versions))]
    assert [version for version, _, _ in found] == [*expected, "R__a", "R__z"]


def trim(parts: Sequence[int]) -> list[int]:
    kept = list(parts)
    while len(kept) > 1 and kept[-1] == 0:
        kept.pop()
    return kept


def test_a_baseline_stands_for_what_it_reaches() -> None:
    found = arrange("flyway", "B2__b.sql", "B1__a.sql", "V1__a.sql", "V2__b.sql", "V10__c.sql")
    assert [(version, why) for version, _, why in found] == [
        ("2", ""),
        ("10", ""),
        ("1", "B2__b.sql stands for it on an empty database"),
        ("2", "B2__b.sql stands for it on an empty database"),
        ("1", "B2__b.sql is newer"),
    ]


# CRC-32 of "123456789" is 0xCBF43926, the check value of the catalogue of CRC algorithms; SHA-256
# of "abc" is the example of FIPS 180. Flyway's Java prints a signed number.
CRC = "-873187034"
SHA = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    "data",
    [b"123456789", b"1234\n56789\n", b"1234\r\n56789", b"\xef\xbb\xbf12345\r6789\n\n"],
)
def test_flyway_counts_no_line_ends(data: bytes) -> None:
    find = CONVENTIONS["flyway"].checksum
    assert find is not None
    assert find(data) == {CRC}


@pytest.mark.parametrize("convention", ["prisma", "drizzle"])
def test_a_hash_may_be_of_other_line_ends(convention: str) -> None:
    find = CONVENTIONS[convention].checksum
    assert find is not None
    assert SHA in find(b"abc")
    assert find(b"a\nb\n") == find(b"a\r\nb\r\n")
    assert not find(b"a\nb\n") & find(b"a\nb")


def test_an_old_hash_of_prisma_lacks_zeros() -> None:
    find = CONVENTIONS["prisma"].checksum
    assert find is not None
    # 8f01… and b003… lose the zero of 01, 03 and 00.
    assert SHA.replace("8f01", "8f1").replace("2223b00361a3", "2223b0361a3") not in find(b"abc")
    pairs = [SHA[at : at + 2] for at in range(0, 64, 2)]
    assert "".join(pair[1] if pair[0] == "0" else pair for pair in pairs) in find(b"abc")


@pytest.mark.parametrize(
    ("text", "statements", "wraps"),
    [
        ("-- migrate:up transaction:false\nselect 1;\nselect 2;\n", [2, 3], True),
        ("-- migrate:up\nselect 1;\nselect 2;\n-- migrate:down\nselect 3;\n", [2, 3], True),
        ("-- note\n--migrate:up transaction:false\nselect 1;\n", [3], False),
        ("-- migrate:up\r\nselect 1;\r\n-- migrate:down\r\nselect 2;\r\n", [2], True),
        ("-- migrate:up\n-- migrate:down\nselect 1;\n", [], True),
        ("select 1;\n-- migrate:upper\n", [1], True),
    ],
)
def test_dbmate_runs_the_up_section(text: str, statements: list[int], *, wraps: bool) -> None:
    dbmate = CONVENTIONS["dbmate"]
    assert [each.line for each in dbmate.split(text)] == statements
    assert dbmate.wraps(text, len(statements)) == wraps


@pytest.mark.parametrize(
    ("convention", "one", "several"),
    [
        ("supabase", False, False),
        ("plain", False, False),
        ("flyway", False, True),
        ("golang-migrate", False, True),
        ("prisma", False, True),
        ("drizzle", True, True),
    ],
)
def test_a_text_in_one_message_is_a_transaction(
    convention: str, *, one: bool, several: bool
) -> None:
    wraps = CONVENTIONS[convention].wraps
    assert (wraps("", 1), wraps("", 2)) == (one, several)


def test_a_breakpoint_ends_a_statement_and_moves_nothing() -> None:
    text = "select 1\n--> statement-breakpoint\nselect 2;--> statement-breakpoint\n  select 3"
    found = CONVENTIONS["drizzle"].split(text)
    assert [(each.line, each.column) for each in found] == [(1, 1), (3, 1), (4, 3)]


def write_journal(*entries: tuple[int, str]) -> str:
    return json.dumps(
        {
            "entries": [
                {"idx": at, "when": when, "tag": tag} for at, (when, tag) in enumerate(entries)
            ]
        }
    )


def test_drizzle_keeps_the_order_and_the_time_of_its_journal(tmp_path: Path) -> None:
    journal = write_journal((2000, "0001_b"), (1000, "0000_a"))
    fill(tmp_path, {"meta/_journal.json": journal, "0000_a.sql": "", "0001_b.sql": ""})
    found = read_directory(tmp_path, "auto")
    assert found.convention == "drizzle"
    assert [(file.version, file.when) for file in found.files] == [
        ("0001_b", 2000),
        ("0000_a", 1000),
    ]


@pytest.mark.parametrize(
    ("journal", "problem"),
    [
        (write_journal((1, "0000_gone")), "there is no file '0000_gone.sql'"),
        ("{", "cannot be read"),
        ('{"entries": [1]}', "cannot be read"),
        ('{"entries": 1}', "cannot be read"),
    ],
)
def test_a_journal_that_names_nothing_is_an_error(
    tmp_path: Path, journal: str, problem: str
) -> None:
    fill(tmp_path, {"meta/_journal.json": journal, "0001_b.sql": ""})
    with pytest.raises(SourceError, match=problem):
        read_directory(tmp_path, "auto")


def test_prisma_reads_the_script_in_each_folder(tmp_path: Path) -> None:
    fill(tmp_path, {"1_a/migration.sql": SCRIPT, "2_b/README.md": "", "migration_lock.toml": ""})
    found = read_directory(tmp_path, "auto")
    assert [(file.path.name, file.version, file.data) for file in found.files] == [
        ("1_a", "1_a", SCRIPT.encode())
    ]
    assert [(each.name, each.why) for each in found.skipped] == [
        ("2_b", "it is no folder with migration.sql")
    ]


def test_a_link_that_leads_back_is_not_followed(tmp_path: Path) -> None:
    fill(tmp_path, {"V1__a.sql": SCRIPT, "sub/V2__b.sql": SCRIPT})
    (tmp_path / "sub" / "again").symlink_to(tmp_path)
    found = read_directory(tmp_path, "flyway")
    assert [file.version for file in found.files] == ["1", "2"]


@pytest.mark.parametrize(
    ("files", "convention"),
    [
        ({"meta/_journal.json": write_journal((1, "0000_a")), "0000_a.sql": SCRIPT}, "drizzle"),
        ({"1_a/migration.sql": SCRIPT}, "prisma"),
        ({"1_a/migration.sql": SCRIPT, "1_a/snapshot.json": "{}", "1_a.sql": SCRIPT}, "supabase"),
        ({"V1__a.sql": SCRIPT, "1_b.sql": SCRIPT}, "flyway"),
        ({"1_a.up.sql": SCRIPT, "1_a.down.sql": SCRIPT}, "golang-migrate"),
        ({"1_a.sql": UP, "2_b.sql": UP}, "dbmate"),
        ({"1_a.sql": SCRIPT}, "supabase"),
        ({"a.sql": SCRIPT}, "plain"),
    ],
)
def test_a_directory_shows_whose_it_is(
    tmp_path: Path, files: dict[str, str], convention: str
) -> None:
    fill(tmp_path, files)
    found = read_directory(tmp_path, "auto")
    assert found.convention == convention
    assert found.evidence
    assert read_directory(tmp_path, convention).evidence == ""


def test_nothing_is_nobodys() -> None:
    assert detect_convention({}, lambda _: "")[0].name == "plain"


def test_a_database_with_a_history_passes_over_flyways_baselines(tmp_path: Path) -> None:
    for name in ("V1__a.sql", "V2__b.sql", "B1__base.sql"):
        (tmp_path / name).write_text("select 1;", encoding="utf-8")
    new = read_directory(tmp_path, "flyway")
    old = read_directory(tmp_path, "flyway", is_empty=False)
    assert [file.path.name for file in new.files] == ["B1__base.sql", "V2__b.sql"]
    assert [file.path.name for file in old.files] == ["V1__a.sql", "V2__b.sql"]
    assert [entry.name for entry in old.skipped] == ["B1__base.sql"]


def test_a_late_entry_of_a_journal_is_older_than_what_ran_wherever_it_stands() -> None:
    files = tuple(
        MigrationFile(Path(f"{tag}.sql"), tag, tag, b"select 1;", when=when)
        for tag, when in (("0000_x", 1_700_000_000_000), ("0001_late", 1_600_000_000_000))
    )
    directory = Directory(Path(), files, (), "drizzle")
    row = TrackingRow("0000_x", None, None, when=1_700_000_000_000)
    tracking = Tracking("drizzle.__drizzle_migrations", TrackingStatus.READABLE, (row,))
    assert find_orders(directory, tracking)["0001_late"] is OrderFlag.OLDER_THAN_APPLIED


def test_a_journal_of_some_of_the_files_of_supabase_makes_no_drizzle(tmp_path: Path) -> None:
    for name in ("20250101000000_a.sql", "20250102000000_b.sql"):
        (tmp_path / name).write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "meta").mkdir()
    journal = {"entries": [{"idx": 0, "when": 1, "tag": "20250101000000_a"}]}
    (tmp_path / "meta" / "_journal.json").write_text(json.dumps(journal), encoding="utf-8")
    assert read_directory(tmp_path, "auto").convention == "supabase"
    (tmp_path / "20250102000000_b.sql").unlink()
    assert read_directory(tmp_path, "auto").convention == "drizzle"
