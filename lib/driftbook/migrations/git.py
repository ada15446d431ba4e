"""Which commit a directory is at, asked so that nothing of the repository runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 10.0
# A repository may name programs in its own configuration: none of them is started.
SAFE = (
    "-c core.fsmonitor=false -c core.hooksPath=/dev/null -c core.untrackedCache=false "
    "-c core.pager=cat -c diff.external= -c submodule.recurse=false --no-pager "
    "--no-optional-locks"
).split()
# Without a home no configuration is read that vouches for repositories of other users.
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
}
UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa0-\u1fff]")


def git_state(path: Path) -> str:
    """Return ``3f2c1ab (main, clean)`` for the repository around ``path``.

    Clean or changed speaks of ``path`` alone. Empty without git, without a repository, or when
    git refuses to read one that belongs to another user.
    """
    program = shutil.which("git")
    if program is None or not path.is_dir():
        return ""
    commit = _ask(program, path, "rev-parse", "--short=7", "--verify", "HEAD")
    if not commit:
        return ""
    branch = _ask(program, path, "symbolic-ref", "--short", "-q", "HEAD") or "detached"
    changed = _ask(program, path, "status", "--porcelain", "--ignore-submodules=all", "--", ".")
    if changed is None:
        return f"{commit} ({branch})"
    return f"{commit} ({branch}, {'changed' if changed else 'clean'})"


def _ask(program: str, path: Path, *arguments: str) -> str | None:
    """Return what git says on one line; ``None`` when it refuses."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with fixed arguments
            [program, *SAFE, *arguments],
            cwd=path,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if done.returncode:
        return None
    return UNPRINTABLE.sub("�", done.stdout.decode("utf-8", "replace").strip())
