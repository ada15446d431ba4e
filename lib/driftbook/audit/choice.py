"""Where the shadow of a target is to be: programs to start, or a server that runs already."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.config import read_access, read_variable
from driftbook.errors import ConfigError

if TYPE_CHECKING:
    from driftbook.config import Target
    from driftbook.model import Rpc


@dataclass(frozen=True, slots=True)
class ShadowChoice:
    """Where a shadow is to be; strings of connection are secrets.

    Attributes:
        bindir: Programs to start; empty: found.
        dsn: A running server; empty: one is started.
        live: The target's database, whose server the shadow must not be.
        disposable: The running server may be harmed by the files.
    """

    bindir: str = ""
    dsn: str = field(default="", repr=False)
    live: str | Rpc = field(default="", repr=False)
    disposable: bool = False


def read_shadow(target: Target) -> ShadowChoice:
    """Return where the shadow of ``target`` is to be.

    Raises:
        ConfigError: A running server is named in a way that cannot be followed.
    """
    if target.shadow and target.shadow_env:
        raise ConfigError(
            "shadow and shadow_env name two servers",
            where=f"[targets.{target.name}]",
            fix="keep one of them",
        )
    is_service = target.shadow.startswith("service=")
    dsn = target.shadow if is_service else ""
    if target.shadow_env:
        dsn = read_variable(target.shadow_env)
        if not dsn:
            raise ConfigError(
                f"environment variable {target.shadow_env} is not set",
                where=f"target {target.name!r}, shadow_env",
                fix=f"export {target.shadow_env}=postgresql://… of a server for throw-away "
                "databases, or remove shadow_env: a server is started then",
            )
    access = read_access(target) if dsn and target.has_database else ""
    return ShadowChoice(
        bindir="" if is_service else target.shadow,
        dsn=dsn,
        live="" if isinstance(access, Path) else access,
        disposable=target.shadow_trust == "disposable",
    )
