"""Publishing: everything into a folder beside the goal, through the gate, then one rename."""

from __future__ import annotations

import errno
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from driftbook.errors import PublishRefused
from driftbook.gate import check_publishable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def publishing(goal: Path, hidden: Sequence[str]) -> Iterator[Path]:
    """Yield a new folder that becomes ``goal`` when the block ends and the gate lets it pass.

    Args:
        goal: The folder to make or to replace.
        hidden: Secrets of this run that no file may hold.

    Raises:
        PublishRefused: The gate found a secret, or the folder cannot be written. Then ``goal`` is
            what it was before, and nothing else is left behind.
    """
    # Hidden: an index made meanwhile does not see it. Made by mkdir, so that it follows the umask.
    beside = goal.parent / f".new-{goal.name}-{secrets.token_hex(4)}"
    try:
        beside.mkdir(parents=True)
        yield beside
        check_publishable(sorted(path for path in beside.rglob("*") if path.is_file()), hidden)
        _replace(beside, goal)
    except OSError as error:
        raise explain_refusal(error, goal) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def explain_refusal(error: OSError, goal: Path) -> PublishRefused:
    """Return the error for a folder that cannot be written."""
    reason = error.strerror or type(error).__name__
    fix = "name a folder that you may write: --reports DIR"
    if error.errno in FULL:
        fix = "free space there, or name another folder: --reports DIR"
    return PublishRefused(f"the report cannot be written: {reason}", where=str(goal), fix=fix)


def write_beside(text: str, path: Path) -> Path:
    """Write ``text`` as ``path`` by one rename: a reader sees the old file or the new one."""
    beside = path.with_name(f".new-{path.name}-{secrets.token_hex(4)}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise explain_refusal(error, path) from error
    finally:
        beside.unlink(missing_ok=True)
    return path


def put_in_place(folder: Path, goal: Path) -> None:
    """Move a finished ``folder`` to ``goal``; what is there already gives way part by part."""
    if not goal.exists():
        goal.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(goal)
        return
    for part in sorted(folder.iterdir()):
        if part.is_dir():
            _replace(part, goal / part.name)
        else:
            part.replace(goal / part.name)


def _replace(beside: Path, goal: Path) -> None:
    if not goal.exists():
        beside.rename(goal)
        return
    # No portable call exchanges two folders: the old one steps aside and comes back on failure.
    old = goal.with_name(f".old-{goal.name}-{secrets.token_hex(4)}")
    goal.rename(old)
    try:
        beside.rename(goal)
    except OSError:
        old.rename(goal)
        raise
    shutil.rmtree(old, ignore_errors=True)
