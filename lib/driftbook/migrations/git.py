"""Questions to git, asked so that nothing of the repository runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from driftbook.redact import is_hidden

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 10.0
MAX_BYTES = 256 * 1024**2
CHUNK = 1024**2
WORDS = 200  # characters of a message or a subject that are kept
# Cut by us alone: git's own abbreviation is another one in every command.
HASH_DIGITS = 12
# A repository may name programs in its own configuration: none of them is started.
SAFE = (
    "-c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.untrackedCache=false "
    "-c core.pager=cat -c diff.external= -c submodule.recurse=false -c log.showSignature=false "
    "--no-pager --no-optional-locks"
).split()
# Without a home no configuration is read that vouches for repositories of other users.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # what a partial clone lacks is not fetched by older versions
    "GIT_CONFIG_NOSYSTEM": "1",
}
ADDRESS = re.compile(r"<?\b([\w.+-]+)@[\w-]+(?:\.[\w-]+)*>?")
LACKING = "the clone lacks texts: it was made with a filter"
REASONS = {
    b"promisor remote": LACKING,
    b"dubious ownership": "git refuses to read a repository that belongs to another user",
    b"unsafe repository": "git refuses to read a repository that belongs to another user",
    b"not a git repository": "no git repository holds the directory",
    b"must be run in a work tree": "no git work tree holds the directory",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said; ``why`` tells why it did not answer, and is empty when it did."""

    data: bytes = b""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a directory is in its repository.

    Attributes:
        start: A directory inside the work tree, for git to start in.
        folder: The directory as commits name it, without a slash at the end; empty: the top.
        inner: Name of the file in the folder that each migration has; empty: migrations are
            files directly in the directory.
        is_shallow: The clone lacks the commits before some date.
        why: Why nothing is known of it; empty when git answered.
    """

    start: Path
    folder: str = ""
    is_shallow: bool = False
    why: str = ""
    inner: str = ""


def git_state(path: Path) -> str:
    """Return ``3f2c1ab (main, clean)`` for the repository around ``path``.

    Clean or changed speaks of ``path`` alone. Empty without git, without a repository, or when
    git refuses to read one that belongs to another user.
    """
    commit = _ask_line(path, "rev-parse", "--short=7", "--verify", "HEAD")
    if not commit:
        return ""
    branch = read_branch(path) or "detached"
    changed = ask_about_files(path, "status", "--porcelain", "--ignore-submodules=all", "--", ".")
    if changed.why:
        return f"{commit} ({branch})"
    return f"{commit} ({branch}, {'changed' if changed.data else 'clean'})"


def read_branch(path: Path) -> str:
    """Return the name of the checked-out branch; empty when there is none."""
    return _ask_line(path, "symbolic-ref", "--short", "-q", "HEAD")


def find_place(directory: Path) -> Place:
    """Return where ``directory`` is in its repository; it need not exist any more."""
    start = directory.absolute()
    gone: list[str] = []
    while not start.is_dir() and start != start.parent:
        gone.insert(0, start.name)
        start = start.parent
    asked = ("--is-inside-work-tree", "--is-shallow-repository", "--show-prefix")
    answer = ask_git(start, "rev-parse", *asked)
    if answer.why:
        return Place(start, why=answer.why)
    inside, shallow, prefix = os.fsdecode(answer.data).split("\n", 2)
    if inside != "true":
        return Place(start, why="no git work tree holds the directory")
    # The prefix ends in a slash and one line end; a name may hold line ends of its own.
    folder = "/".join([*filter(None, [prefix.removesuffix("\n").rstrip("/")]), *gone])
    return Place(start, folder, shallow == "true")


def ask_about_files(path: Path, *arguments: str, seconds: float = SECONDS) -> Answer:
    """Ask what makes git read the files of the work tree.

    It would pass them through the programs that the repository calls filters: these are switched
    off, so that a file which only its filter makes equal counts as changed.
    """
    named = ask_git(path, "config", "--list", "-z", "--name-only")
    if named.why:
        return named
    keys = [os.fsdecode(key) for key in named.data.split(b"\0")]
    filters = {key[7:].rpartition(".")[0] for key in keys if key.startswith("filter.")}
    if any("=" in name for name in filters):
        return Answer(why="the repository names a filter program that cannot be switched off")
    off = [
        f"filter.{name}.{setting}"
        for name in sorted(filters)
        for setting in ("clean=", "smudge=", "process=", "required=false")
    ]
    settings = [part for setting in off for part in ("-c", setting)]
    return ask_git(path, *settings, *arguments, seconds=seconds)


def ask_git(
    path: Path,
    *arguments: str,
    given: bytes = b"",
    seconds: float = SECONDS,
    limit: int = MAX_BYTES,
) -> Answer:
    """Return what git says in ``path``.

    Args:
        path: The directory to start it in.
        arguments: The command; what a user wrote stands behind ``--`` or was checked.
        given: Its input.
        seconds: After which it is ended.
        limit: Of the answer, in bytes; a longer one is no answer.
    """
    program = shutil.which("git")
    if program is None:
        return Answer(why="git is not installed")
    late = threading.Event()
    try:
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
            stdin.write(given)
            stdin.seek(0)
            process = subprocess.Popen(  # noqa: S603 - a fixed program, arguments are checked
                [program, *SAFE, *arguments],
                cwd=path,
                env=ENVIRONMENT,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
            with process:
                data = _read_answer(process, late, seconds, limit)
            stderr.seek(0)
            said = stderr.read(CHUNK)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Answer(why=f"git cannot be started: {clean_words(str(error))}")
    if late.is_set():
        return Answer(why=f"git gave no answer within {seconds:.0f} seconds")
    if len(data) > limit:
        return Answer(why=f"the answer of git is larger than {limit // 1024**2} MiB")
    return Answer(why=_explain(said)) if process.returncode else Answer(data)


def _read_answer(
    process: subprocess.Popen[bytes], late: threading.Event, seconds: float, limit: int
) -> bytes:
    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        data = b"".join(_read_chunks(process.stdout, limit))
        if len(data) > limit:
            process.kill()
        process.wait()
    finally:
        timer.cancel()
    return data


def _read_chunks(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    while size <= limit and (chunk := stream.read(CHUNK)):
        size += len(chunk)
        yield chunk


def _explain(said: bytes) -> str:
    for words, reason in REASONS.items():
        if words in said:
            return reason
    last = said.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return f"git failed: {clean_words(last) or 'it did not say why'}"


def _ask_line(path: Path, *arguments: str) -> str:
    if not path.is_dir():
        return ""
    return clean_words(ask_git(path, *arguments).data.decode("utf-8", "replace").strip())


def clean_words(text: str) -> str:
    """Return what a person wrote without addresses; what would not be seen becomes ``�``."""
    text = ADDRESS.sub(r"\1", text[: 2 * WORDS])
    seen = "".join("�" if is_hidden(char) else char for char in text)
    return seen if len(seen) <= WORDS else f"{seen[:WORDS]}…"
