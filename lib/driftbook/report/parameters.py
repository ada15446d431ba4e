"""Parameters of a notebook: refused before a kernel starts, not warned about after."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

import nbformat
from papermill.inspection import inspect_notebook

from driftbook.errors import ConfigError
from driftbook.redact import display_name, find_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# papermill writes names as code: `-p "x; import os" 1` would run it.
NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
DSN = re.compile(
    r"\b(postgres(ql)?|psql)(\+\w+)?://|\b(host|hostaddr|password|passfile)\s*=", re.IGNORECASE
)
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
}


def check_parameters(notebook: Path, given: Mapping[str, object]) -> None:
    """Raise unless ``notebook`` declares every parameter of ``given`` with the type it has.

    Raises:
        ConfigError: An unknown name, a wrong type, or a value that holds a secret.
    """
    declared = read_parameters(notebook)
    known = ", ".join(declared) or "none"
    for name, value in given.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ConfigError(
                f"a parameter cannot be called {display_name(str(name))!r}",
                fix=f"use one of {known}",
            )
        if name not in declared:
            raise ConfigError(
                f"{notebook.name} has no parameter {name!r}", fix=f"use one of {known}"
            )
        _check_type(name, value, declared[name])
        _check_harmless(name, value)


def read_parameters(notebook: Path) -> dict[str, str]:
    """Return the declared parameters of ``notebook``: name and type, ``None`` where it has none.

    Raises:
        ConfigError: The file is no notebook.
    """
    log = logging.getLogger("papermill")
    level = log.level
    log.setLevel(logging.ERROR)  # "no cell with tag parameters found" is not worth a warning
    try:
        # Not its path: papermill fills in braces that it finds in paths.
        source = nbformat.read(notebook, as_version=4)
        inferred = inspect_notebook(source)
    except Exception as error:  # nbformat raises several kinds, none of them its own
        raise ConfigError(
            f"{notebook.name} cannot be read as a notebook: {type(error).__name__}",
            where=str(notebook),
            fix="name an .ipynb file of nbformat 4",
        ) from error
    finally:
        log.setLevel(level)
    return {name: str(entry["inferred_type_name"]) for name, entry in inferred.items()}


def _check_type(name: str, value: object, declared: str) -> None:
    types = TYPES.get(declared, (str, int, float, bool))
    truth_as_number = isinstance(value, bool) and bool not in types
    if not isinstance(value, types) or truth_as_number:
        article = declared if declared in TYPES else "text, number or truth value"
        raise ConfigError(
            f"parameter {name!r} takes {article}, not {type(value).__name__}",
            fix="give a value of that type",
        )


def _check_harmless(name: str, value: object) -> None:
    if isinstance(value, str) and (DSN.search(value) or find_secrets(value)):
        # The value is not repeated: this text reaches terminals and logs.
        raise ConfigError(
            f"parameter {name!r} looks like a connection string or a key",
            fix="name a target of params/targets.toml: papermill writes parameters into the "
            "notebook and the report",
        )
