"""What a role that runs migrations must neither be nor be able to become."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow

SET_ROLE = "select pg_catalog.set_config('driftbook.replay_role', %s, false)"


def read_powers(session: psycopg.Connection[TupleRow], role: str) -> list[str]:
    """Return the roles by which ``role`` could run programs, read files or become superuser."""
    session.execute(SET_ROLE, (role,))
    return [str(row[0]) for row in session.execute(_load().encode()).fetchall()]


@cache
def _load() -> str:
    return files("driftbook.postgres").joinpath("powers.sql").read_text(encoding="utf-8")
