"""A command or an option that nobody explains is not used, or is used wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from driftbook import __version__
from driftbook.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Ended, Program

SERVERS = ("fetch", "list", "path", "remove")
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined]


def test_the_commands_are_those_that_a_user_was_promised() -> None:
    assert (
        "accept audit blame capture demo diff doctor history init lab postgres replay run "
        "selftest tracking".split()
        == COMMANDS
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize(
    "command",
    [(), *((name,) for name in COMMANDS), *(("postgres", name) for name in SERVERS)],
    ids=" ".join,
)
def test_help_is_printed_and_nothing_is_done(
    program: Program, inside: Callable[..., Ended], command: tuple[str, ...], flag: str
) -> None:
    ended = inside(*command, flag)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Usage: ")
    assert list(program.home.iterdir()) == []


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_and_every_option_has_a_help_text(name: str) -> None:
    group = get_command(app)
    command = group.commands[name] if name else group  # type: ignore[attr-defined]
    assert command.help
    assert [each.name for each in command.params if not getattr(each, "help", "")] == []


def test_exit_codes_are_in_the_help(inside: Callable[..., Ended]) -> None:
    text = " ".join(inside("--help").out.split())
    for code in ("0 pass", "1 findings", "2 usage", "3 could not audit", "4 incomplete"):
        assert code in text


def test_the_version_is_one_line(program: Program) -> None:
    ended = program.run_alone("--version")
    assert (ended.code, ended.out, ended.err) == (0, f"driftbook {__version__}\n", "")


def test_no_arguments_show_the_help_and_are_no_success(program: Program) -> None:
    ended = program.run_alone()
    assert ended.code == 2
    assert "Usage: " in ended.out + ended.err
    assert "driftbook demo" in ended.out + ended.err
