"""Targets, parameters and places: the only module that reads the environment.

A target is written in ``params/targets.toml`` and names where its secret is, never the secret.
The target ``demo`` needs no file: its server is embedded.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from driftbook.errors import ConfigError
from driftbook.model import Rpc, Severity
from driftbook.places import TARGETS_FILE, find_params
from driftbook.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

DEMO = "demo"
TARGET_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
FORBIDDEN_KEYS = frozenset({"dsn", "url", "password", "host", "user"})
# Wide on purpose: a text that may hold a password is neither kept nor repeated in a message.
DSN = re.compile(
    r"\bpostgres(ql)?:|://[^/\s]*@|\b(host|hostaddr|dbname|user|password|port)\s*=", re.IGNORECASE
)

# s3://bucket/reports; a user alone may stand there: abfs://container@account/…
URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
STORAGE_KEY = re.compile(r"(AWS|AZURE|FSSPEC)_\w*(SECRET|TOKEN|KEY|CONNECTION_STRING)")
SECRET_IN_URL = re.compile(r"://[^/]*:[^/@]*@|[?#]")

Name = Annotated[str, StringConstraints(min_length=1, max_length=63)]
ConventionName = Literal[
    "supabase", "flyway", "dbmate", "golang-migrate", "prisma", "drizzle", "plain"
]
Output = Literal["sarif", "junit", "markdown", "prometheus"]
ADDRESS = re.compile(r"https?://[^/\s?#@]+/[^\s?#@]+")  # no place for a secret
Address = Annotated[str, StringConstraints(pattern=rf"^({ADDRESS.pattern})?$")]
Variable = Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")]
Interval = Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{0,3}[mhdw])?$")]


class Target(BaseModel):
    """A database under audit; every setting of it that decides what an audit says.

    Two audits of one target never differ by anything that is not written here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    label: str = ""  # what reports show instead of host and database
    dsn_env: str = ""  # environment variable that holds the connection string
    service: str = ""  # or: a service of pg_service.conf
    rpc: Address = ""  # or: address of a function that runs one SELECT, …/rest/v1/rpc/query_sql
    rpc_key_env: Variable = ""  # environment variable that holds the key of its caller
    rpc_argument: Name = "query"  # what the function calls the SELECT
    capture: Path | None = None  # or: a file that somebody else made of it
    migrations: Path = Path("supabase/migrations")
    convention: ConventionName = "supabase"
    platform: Literal["supabase", "plain"] = "plain"
    tracking_table: str = ""  # empty: where the tool of the convention keeps it
    replay_role: str = Field(default="", max_length=63)  # empty: as live's owners show
    shadow: str = ""  # directory of server binaries, or service=NAME; empty: found
    shadow_env: Variable = ""  # or: environment variable with the string of a running server
    shadow_trust: Literal["", "disposable"] = ""  # that server may be harmed by the files
    shadow_major: int | None = Field(default=None, ge=14, le=18)  # empty: the target's own
    schemas: tuple[str, ...] = ()  # empty: all but the platform's
    exclude: tuple[str, ...] = ()  # globs, with or without a kind: "table:public.tmp_*"
    exposed_schemas: tuple[str, ...] = ("public",)
    api_roles: tuple[str, ...] = ("anon", "authenticated")
    ignore_owner: bool = False
    roles: bool = False  # roles of the cluster and who is a member of whom
    insecure: bool = False  # a connection without TLS to another machine
    fail_on: Severity = Severity.HIGH
    every: Interval = ""  # how often it is audited: "30m", "12h", "1d", "1w"; empty: not said
    keep_audits: int = Field(default=400, ge=1)  # whose pages stay; results always stay
    timeout: float = Field(default=3600, gt=0)  # seconds that one notebook may run
    outputs: tuple[Output, ...] = ()  # what is written beside the reports
    metrics_file: Path | None = None  # for node_exporter's textfile collector
    webhook_env: Variable = ""  # environment variable that holds the address of a webhook
    notify: Literal["change", "always", "never"] = "change"
    notify_names: bool = False  # whether the webhook is told names of objects

    @model_validator(mode="before")
    @classmethod
    def _name_table(cls, values: dict[str, object]) -> dict[str, object]:
        """Name the tracking table where the tool of the convention keeps it."""
        tool = TOOLS.get(str(values.get("convention", "supabase")))
        if tool and not values.get("tracking_table"):
            return {**values, "tracking_table": tool.table}
        return values

    @property
    def is_demo(self) -> bool:
        """Return whether this is the bundled story on an embedded server."""
        return self.name == DEMO and not self.has_database

    @property
    def has_database(self) -> bool:
        """Return whether the target names a database; without one its files alone are judged."""
        return bool(self.dsn_env or self.service or self.rpc or self.capture)

    @property
    def title(self) -> str:
        """Return what reports call the target."""
        return self.label or self.name


class Settings(BaseModel):
    """All targets of one ``params`` folder, and what they share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    params: Path | None  # the folder; None when there is none
    reports: str  # a folder, or the URL of one: s3://bucket/reports
    history_env: str = ""  # environment variable with the URL of a PostgreSQL; empty: a file
    targets: dict[str, Target]

    def target(self, name: str) -> Target:
        """Return the target called ``name``.

        Raises:
            ConfigError: No such target.
        """
        if name in self.targets:
            return self.targets[name]
        known = ", ".join(sorted(self.targets))
        where = str(self.params / TARGETS_FILE) if self.params else "no params/targets.toml here"
        if holds_dsn(name):
            raise ConfigError(
                "a connection string is no target's name",
                where=where,
                fix="name a target that says which variable holds it: driftbook init",
            )
        raise ConfigError(
            f"no target is called {name!r}",
            where=where,
            fix=f"use one of {known}, or describe it: driftbook init --target {_slug(name)}",
        )

    def adding_outputs(self, outputs: Iterable[Output]) -> Settings:
        """Return settings in which every target writes ``outputs`` as well."""
        targets = {
            name: target.model_copy(
                update={"outputs": tuple(dict.fromkeys((*target.outputs, *outputs)))}
            )
            for name, target in self.targets.items()
        }
        return self.model_copy(update={"targets": targets})


class Document(BaseModel):
    """``targets.toml`` as it is written."""

    model_config = ConfigDict(extra="forbid")

    reports: str = "reports"
    history_env: str = ""
    targets: dict[str, dict[str, object]] = {}


def holds_dsn(text: str) -> bool:
    """Return whether ``text`` may hold a connection string, and with it a password."""
    return DSN.search(text) is not None


def read_settings(params: Path | None = None) -> Settings:
    """Read ``targets.toml`` of ``params``, or of the nearest ``params`` folder above the cwd.

    Raises:
        ConfigError: The file is no TOML, holds an unknown key, a wrong type or a secret.
    """
    folder = params or find_params()
    where = str(folder / TARGETS_FILE) if folder else ""
    document = _read_document(folder / TARGETS_FILE) if folder else Document()
    base = folder.resolve().parent if folder else Path.cwd()
    targets = {DEMO: Target(name=DEMO, platform="supabase", label="demo")}
    for name, table in document.targets.items():
        targets[name] = _build_target(name, table, base, where)
    reports = os.environ.get("DRIFTBOOK_REPORTS") or document.reports
    return Settings(
        params=folder,
        reports=place_reports(reports, base),
        history_env=document.history_env,
        targets=targets,
    )


def place_reports(text: str, base: Path) -> str:
    """Return where reports go: a folder, seen from ``base``, or a URL as it is.

    Raises:
        ConfigError: The URL holds a password or a key.
    """
    if not URL.match(text):
        return str(base / text)
    if SECRET_IN_URL.search(text):
        raise ConfigError(
            "the address of the reports may hold a secret",
            where="reports",
            fix="write scheme://bucket/folder alone; keys belong into the environment",
        )
    return text.rstrip("/")


def use_params(params: Path) -> None:
    """Make ``params`` the folder of this process and of the kernels that it starts."""
    if not (params / TARGETS_FILE).is_file():
        raise ConfigError(
            f"{params} holds no {TARGETS_FILE}", fix="name a folder made by driftbook init"
        )
    os.environ["DRIFTBOOK_PARAMS"] = str(params.resolve())


def read_dsn(target: Target) -> str:
    """Return the connection string of ``target``; a secret, never shown or stored.

    Raises:
        ConfigError: The target names none, or the variable is not set.
    """
    if target.service:
        return f"service={target.service}"
    if target.rpc or target.capture:
        way = "rpc" if target.rpc else "capture"
        raise ConfigError(
            f"target {target.name!r} is known by its {way} alone, and this needs a connection",
            where=f"[targets.{target.name}]",
            fix='describe a target with dsn_env = "NAME" or service = "name" as well',
        )
    if not target.dsn_env:
        raise ConfigError(
            f"target {target.name!r} names no database",
            where=f"[targets.{target.name}]",
            fix='add dsn_env = "NAME" of an environment variable, or service = "name"',
        )
    dsn = os.environ.get(target.dsn_env, "")
    if not dsn:
        raise ConfigError(
            f"environment variable {target.dsn_env} is not set",
            where=f"target {target.name!r}, dsn_env",
            fix=f"export {target.dsn_env}=postgresql://… for the role of the audit",
        )
    return dsn


def read_rpc(target: Target) -> Rpc:
    """Return the function that reads the database of ``target``; it holds a secret.

    Raises:
        ConfigError: The variable of its key is not set.
    """
    name = target.rpc_key_env
    key = os.environ.get(name, "").strip() if name else ""
    if name and not key:
        raise ConfigError(
            f"environment variable {name} is not set",
            where=f"target {target.name!r}, rpc_key_env",
            fix=f"export {name}=… of a role that may execute the function",
        )
    return Rpc(target.rpc, target.rpc_argument, key, target.insecure)


def read_access(target: Target) -> str | Rpc | Path:
    """Return what the database of ``target`` is read by: a secret, what holds one, or a file.

    Raises:
        ConfigError: The target names no database, or a variable is not set.
    """
    return target.capture or (read_rpc(target) if target.rpc else read_dsn(target))


def read_variable(name: str) -> str:
    """Return the environment variable that a setting names; empty when it is not set."""
    return os.environ.get(name, "")


def read_secrets(settings: Settings) -> list[str]:
    """Return every secret that this process was given: what the gate must never find.

    They are in the environment: what ``targets.toml`` names, and what libpq and object
    stores read by themselves.
    """
    names = {"PGPASSWORD", settings.history_env}
    for target in settings.targets.values():
        names |= {target.dsn_env, target.webhook_env, target.shadow_env, target.rpc_key_env}
    names |= {name for name in os.environ if STORAGE_KEY.fullmatch(name)}
    return [value for name in sorted(names - {""}) if (value := os.environ.get(name, ""))]


def read_webhook(target: Target) -> str:
    """Return the address of the webhook of ``target``, a secret; empty: there is none."""
    return os.environ.get(target.webhook_env, "").strip() if target.webhook_env else ""


def read_history_dsn(settings: Settings) -> str:
    """Return the URL of the history's PostgreSQL, a secret; empty: it is a file.

    Raises:
        ConfigError: The variable is not set, or holds another kind of address.
    """
    name = settings.history_env
    if not name:
        return ""
    dsn = os.environ.get(name, "")
    fix = f"export {name}=postgresql://…, or remove history_env to keep the history in a file"
    if not dsn:
        raise ConfigError(f"environment variable {name} is not set", where="history_env", fix=fix)
    scheme = dsn.partition("://")[0].partition("+")[0]
    if "://" in dsn and scheme not in {"postgresql", "postgres"}:
        raise ConfigError(f"{name} holds no PostgreSQL URL", where="history_env", fix=fix)
    # SQLAlchemy's spelling names its driver, which libpq does not know.
    return re.sub(r"^(postgres(?:ql)?)\+\w+://", r"\1://", dsn)


def _read_document(path: Path) -> Document:
    try:
        return Document.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(
            f"{path.name} cannot be read: {error.strerror}",
            where=str(path),
            fix="run driftbook init",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path.name} is not TOML: {error}", where=str(path), fix="correct the line"
        ) from None
    except ValidationError as error:
        raise _explain(error, str(path), Document.model_fields) from None


def _explain(error: ValidationError, where: str, known: Iterable[str]) -> ConfigError:
    first = error.errors(include_input=False)[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "extra_forbidden":
        names = ", ".join(name for name in known if name != "name")  # the table's own
        return ConfigError(f"key {key!r} is unknown", where=where, fix=f"use one of {names}")
    fix = "correct the value, or remove the key"
    return ConfigError(f"{key}: {first['msg']}", where=where, fix=fix)


def _build_target(name: str, table: dict[str, object], base: Path, where: str) -> Target:
    where = f"{where}, [targets.{name}]"
    if not TARGET_NAME.fullmatch(name):
        raise ConfigError(
            f"a target cannot be called {name!r}", where=where, fix="use a-z, 0-9, _ and -"
        )
    secret = sorted(FORBIDDEN_KEYS & table.keys())
    held = sorted(key for key, value in table.items() if holds_dsn(str(value)))
    if secret or held:
        what = f"key {secret[0]!r}" if secret else f"the connection string in {held[0]!r}"
        raise ConfigError(
            f"{what} does not belong into a file",
            where=where,
            fix='keep it in the environment and name the variable: dsn_env = "NAME"',
        )
    try:
        target = Target.model_validate({**table, "name": name})
    except ValidationError as error:
        raise _explain(error, where, Target.model_fields) from None
    if sum(map(bool, (target.dsn_env or target.service, target.rpc, target.capture))) > 1:
        raise ConfigError(
            "there is more than one way to the database",
            where=where,
            fix="keep one of dsn_env or service, rpc, and capture; a connection sees most",
        )
    named = {name: getattr(target, name) for name in ("migrations", "metrics_file", "capture")}
    return target.model_copy(update={name: base / path for name, path in named.items() if path})


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")[:40]
    return slug or "production"
