"""A folder that takes no reports is told before the work where possible; old reports survive."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.program import Ended, Program

SMALL = "64k"  # room for an index and an old report, none for a page of today


def read_tree(folder: Path) -> dict[str, bytes]:
    """Return every file and folder below ``folder`` with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


@pytest.fixture
def small(program: Program) -> Iterator[Path]:
    """Yield a folder that is a file system of its own, with hardly any room."""
    folder = program.home / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("folder", "problem"),
    [
        pytest.param("file/reports", "Not a directory", id="below a file"),
        pytest.param("file", "File exists", id="a file"),
        pytest.param("/proc/reports", "No such file or directory", id="not creatable"),
    ],
)
@pytest.mark.parametrize("command", [("audit", "demo"), ("run", "drift_audit"), ("demo",)])
def test_a_folder_that_cannot_be_made_is_told_before_the_work(
    program: Program,
    inside: Callable[..., Ended],
    command: tuple[str, ...],
    folder: str,
    problem: str,
) -> None:
    program.write("file", "text")
    ended = inside("--reports", folder, *command)
    ended.check_error(3, "the reports folder cannot be written", problem, folder, "--reports DIR")
    assert "reading the live database" not in ended.err
    assert (program.home / "file").read_text(encoding="utf-8") == "text"


@pytest.mark.parametrize("folder", ["file/reports", "/proc/reports"])
def test_a_doctor_tries_whether_the_folder_can_be_written(
    program: Program, inside: Callable[..., Ended], folder: str
) -> None:
    program.write("file", "text")
    ended = inside("--reports", folder, "doctor")
    assert ended.code == 3
    assert "problem  reports: " in ended.out
    assert "cannot be written" in ended.out


def test_a_state_folder_that_cannot_be_made_is_told_before_the_work(
    program: Program, inside: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.write("file", "text")
    monkeypatch.setenv("DRIFTBOOK_STATE", str(program.home / "file" / "state"))
    ended = inside("audit", "demo")
    ended.check_error(3, "the lock cannot be made: Not a directory", "DRIFTBOOK_STATE=DIR")


def test_a_full_disk_loses_the_new_report_and_nothing_else(program: Program, small: Path) -> None:
    program.write_notebook("one.ipynb", "print('full ' * 40_000)")
    old = small / "demo" / "20260101T000000Z-abcd" / "drift_audit"
    old.mkdir(parents=True)
    for name in ("report.html", "result.json"):
        (old / name).write_text("old", encoding="utf-8")
    (small / "index.html").write_text("old", encoding="utf-8")
    before = read_tree(small)
    ended = program("--reports", "small", "run", "one.ipynb")
    ended.check_error(3, "cannot be written: No space left on device", "free space there")
    assert read_tree(small) == before
    assert list(program.temporary.iterdir()) == []


def test_a_result_that_finds_no_room_is_said_so(program: Program) -> None:
    for arguments in (("doctor",), ("--help",)):
        with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
            done = subprocess.run(
                program.command(*arguments),
                cwd=program.home,
                env=program.environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert done.returncode == 3
        assert done.stderr.startswith("error: there is no space left\n  where: standard output")
