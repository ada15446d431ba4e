"""Where the live database of a target is; the demo's is built once and ends with the process."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.audit.collect import access_of
from driftbook.config import read_dsn
from driftbook.errors import ConfigError
from driftbook.model import Rpc
from driftbook.progress import say_nothing

if TYPE_CHECKING:
    from driftbook.config import Target
    from driftbook.postgres.connect import Dsn


def find_live(target: Target) -> Dsn | str:
    """Return the connection string of ``target``.

    Raises:
        ConfigError: It names no database, or its variable is not set.
    """
    dsn = _run_demo(target) if target.is_demo else None
    if target.has_database:
        dsn = read_dsn(target)
    if dsn is None:
        raise ConfigError(
            f"the target {target.name!r} names no database",
            where="params/targets.toml",
            fix='add dsn_env = "NAME" or service = "name" to the target',
        )
    return dsn


@cache
def _run_demo(target: Target) -> Dsn | str | None:
    stack = ExitStack()
    atexit.register(stack.close)
    dsn = access_of(target, stack, say_nothing)
    return None if isinstance(dsn, Rpc | Path) else dsn
