"""What ``driftbook init`` proposes: a target read from the repository, with its reasons."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.config import ADDRESS, TARGET_NAME, holds_dsn
from driftbook.errors import ConfigError
from driftbook.migrations.conventions import CONVENTIONS, PLAIN, SUPABASE
from driftbook.migrations.find import USUAL_PLACES, find_directories, judge_directory
from driftbook.places import TARGETS_FILE
from driftbook.words import name_some

if TYPE_CHECKING:
    from collections.abc import Iterator

MAJORS = range(14, 19)  # as a target takes them
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The text of one target, and where each value comes from."""

    target: str
    export: str  # the variable that will hold the secret, and a hint at its value
    text: str
    reasons: tuple[tuple[str, str], ...]  # setting, why

    def explain(self) -> list[str]:
        """Return one line per setting."""
        return [f"{setting}: {why}" for setting, why in self.reasons]


@dataclass(frozen=True, slots=True)
class SupabaseConfig:
    """What ``supabase/config.toml`` says of the server."""

    major: int | None
    exposed_schemas: tuple[str, ...]


def propose_target(
    repository: Path,
    target: str,
    migrations: Path | None,
    dsn_env: str | None,
    rpc: str | None = None,
) -> Proposal:
    """Return a target for ``repository``, reached by a connection, or by ``rpc``.

    Raises:
        ConfigError: A name or an address is none, or no migrations directory is found.
    """
    _check_names(target, dsn_env, rpc)
    directory = _relative(migrations, repository) if migrations else find_migrations(repository)
    if not (repository / directory).is_dir():
        raise ConfigError(
            f"{directory} is not a directory",
            where=str(repository),
            fix="name the folder of the migration files: --migrations DIR",
        )
    supabase = read_supabase_config(repository / directory)
    access, export = _propose_access(target, dsn_env, rpc)
    platform = "supabase" if supabase else "plain"
    settings: list[tuple[str, str, str]] = [
        *access,
        (
            "migrations",
            _string(directory.as_posix()),
            "given" if migrations else _explain_choice(repository),
        ),
        ("platform", _string(platform), _explain_platform(supabase)),
        *_propose_convention(repository, directory),
    ]
    if supabase and supabase.major:
        settings.append(
            ("shadow_major", str(supabase.major), "db.major_version of supabase/config.toml")
        )
    if supabase:
        schemas = "[" + ", ".join(map(_string, supabase.exposed_schemas)) + "]"
        settings.append(("exposed_schemas", schemas, "api.schemas of supabase/config.toml"))
    lines = [f"[targets.{target}]", *(f"{name} = {value}" for name, value, _ in settings)]
    return Proposal(
        target=target,
        export=export,
        text="\n".join(lines) + "\n",
        reasons=tuple((f"{name} = {value}", why) for name, value, why in settings),
    )


def _propose_access(
    target: str, dsn_env: str | None, rpc: str | None
) -> tuple[list[tuple[str, str, str]], str]:
    """Return the settings that lead to the database, and what is to be exported."""
    name = target.upper().replace("-", "_")
    if rpc is None:
        variable = dsn_env or f"{name}_DSN"
        why = "the variable that will hold the connection string"
        return [("dsn_env", _string(variable), why)], f"{variable}=postgresql://…"
    settings = [
        ("rpc", _string(rpc), "given"),
        ("rpc_key_env", _string(f"{name}_KEY"), "the variable that will hold the caller's key"),
        ("rpc_argument", _string("query"), "what such functions call the SELECT mostly"),
    ]
    return settings, f"{name}_KEY=…"


def write_proposal(proposal: Proposal, repository: Path) -> Path:
    """Append ``proposal`` to ``params/targets.toml`` and return its path; nothing is overwritten.

    Raises:
        ConfigError: The target is described already, or the folder cannot be written.
    """
    path = repository / "params" / TARGETS_FILE
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    if re.search(rf"^\s*\[targets\.{re.escape(proposal.target)}\]", present, re.MULTILINE):
        raise ConfigError(
            f"target {proposal.target!r} is described already",
            where=str(path),
            fix="edit it there, or name another: driftbook init --target NAME",
        )
    header = "" if present else "# Targets of driftbook. No secret belongs here: only its place.\n"
    gap = "\n" if present else ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{present or header}{gap}{proposal.text}", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the file cannot be written: {error.strerror}",
            where=str(path),
            fix="run this where you may write, or copy the text of --dry-run",
        ) from error
    return path


def find_migrations(repository: Path) -> Path:
    """Return the most certain migrations directory of ``repository``, relative to it.

    Raises:
        ConfigError: There is none.
    """
    found = find_directories(repository)
    if not found:
        raise ConfigError(
            "no migrations directory was found",
            where=str(repository),
            fix=f"looked for {', '.join(USUAL_PLACES)} and for the files of six tools; "
            "name yours: --migrations DIR",
        )
    return Path(found[0].place)


def check_own_names(directory: Path) -> None:
    """Raise when a file ``<digits>_<name>.sql`` would not run in ``directory``.

    Raises:
        ConfigError: Its tool calls its files otherwise, or wants more in them.
    """
    found = judge_directory(directory, Path()) if directory.is_dir() else None
    if found and found.convention not in {SUPABASE.name, PLAIN.name}:
        raise ConfigError(
            f"the migrations are files of {CONVENTIONS[found.convention].title}, "
            "which calls them its own way",
            where=str(directory),
            fix="driftbook init --ddl-log --dry-run prints the text: save it as such a file",
        )


def _explain_choice(repository: Path) -> str:
    others = [f"{found.place} ({found.convention})" for found in find_directories(repository)[1:]]
    return f"found here; also found: {name_some(others)}" if others else "found here"


def _propose_convention(repository: Path, directory: Path) -> Iterator[tuple[str, str, str]]:
    """Yield what differs from the Supabase CLI, whose files are read if nothing is said."""
    found = judge_directory(repository, directory)
    name, why = (found.convention, found.why) if found else (PLAIN.name, "no file of a tool")
    if name == SUPABASE.name:
        return
    yield "convention", _string(name), why
    habit = CONVENTIONS[name]
    if habit.tracking_table:
        usual = f"where {habit.title} records what it ran, unless it is configured otherwise"
        yield "tracking_table", _string(habit.tracking_table), usual


def read_supabase_config(migrations: Path) -> SupabaseConfig | None:
    """Return what ``config.toml`` beside ``migrations`` says; ``None`` when there is none."""
    path = migrations.parent / "config.toml"
    if not path.is_file():
        return None
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.name} is not TOML: {error}", where=str(path), fix="correct the line"
        ) from None
    major = _read_value(document, "db", "major_version", None, path)
    schemas = _read_value(document, "api", "schemas", ["public"], path)
    if not isinstance(schemas, list):
        raise ConfigError("api.schemas is no list", where=str(path), fix="write [ … ] around it")
    # graphql_public is made of functions of the platform: nothing of the project lives there.
    exposed = tuple(str(name) for name in schemas if name != "graphql_public")
    # A number in a text, or a version that no shadow has, decides nothing: the target's own does.
    known = major if isinstance(major, int) and major in MAJORS else None
    return SupabaseConfig(known, exposed or ("public",))


def _read_value(
    document: dict[str, object], table: str, key: str, default: object, path: Path
) -> object:
    values = document.get(table, {})
    if not isinstance(values, dict):
        raise ConfigError(f"{table} is no table", where=str(path), fix=f"write [{table}]")
    return values.get(key, default)


def _check_names(target: str, dsn_env: str | None, rpc: str | None) -> None:
    if rpc is not None and (dsn_env is not None or not ADDRESS.fullmatch(rpc)):
        raise ConfigError(
            "this is no address of a function" if dsn_env is None else "there is one way too many",
            where="--rpc",
            fix="give --rpc https://HOST/rest/v1/rpc/FUNCTION alone, without a key in it",
        )
    if not TARGET_NAME.fullmatch(target):
        name = "as a connection string reads" if holds_dsn(target) else repr(target)
        raise ConfigError(f"a target cannot be called {name}", fix="use a-z, 0-9, _ and -")
    if dsn_env is not None and not VARIABLE.fullmatch(dsn_env):
        raise ConfigError(
            "this cannot be the name of an environment variable",
            where="--dsn-env",
            fix="name the variable that will hold the connection string, not the string itself",
        )


def _explain_platform(supabase: SupabaseConfig | None) -> str:
    if supabase:
        return "supabase/config.toml is there"
    return 'no config.toml beside the files; write "supabase" if the database is one'


def _relative(path: Path, repository: Path) -> Path:
    absolute = path if path.is_absolute() else repository / path
    return absolute.relative_to(repository) if absolute.is_relative_to(repository) else absolute


def _string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
