"""What is known of a replay after a prefix of its files, as JSON values and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from driftbook.catalog.document import build_document, parse_document
from driftbook.shadow.extensions import How, Provision
from driftbook.shadow.prelude import load_manifest
from driftbook.shadow.prepare import Prepared, ServerFacts
from driftbook.shadow.result import Failure, FileResult
from driftbook.shadow.steps import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftbook.catalog.snapshot import Snapshot
    from driftbook.catalog.watch import Rows

    Json = dict[str, Any]

# Of these, most rows of a schema, only those count that changed: nothing is part of them.
LEAVES = frozenset({"privilege", "owner", "comment"})
STAND_INS = frozenset({How.STUBBED, How.NAME_ONLY})


@dataclass(frozen=True, slots=True)
class Kept:
    """A replay after a prefix of its files.

    Attributes:
        prepared: Its database.
        platform: The schema before the first file.
        results: One per file that was run, without causes.
        steps: One per file that was run; empty when nobody was told.
    """

    prepared: Prepared
    platform: Snapshot
    results: tuple[FileResult, ...] = ()
    steps: tuple[Step, ...] = ()


def write_kept(kept: Kept, real: Mapping[str, bool]) -> Json:
    """Return ``kept`` as JSON values, and the ``real`` extensions of the server it was on."""
    prepared = kept.prepared
    facts = {each.name: getattr(prepared.facts, each.name) for each in fields(ServerFacts)}
    return {
        "database": prepared.database,
        "role": prepared.role,
        "platform": prepared.platform,
        "facts": {name: _list(value) for name, value in facts.items()},
        "provisions": [
            [item.name, item.how.name, item.schema, item.preinstalled]
            for item in prepared.provisions.values()
        ],
        "made": [_list(made) for made in (prepared.schemas, prepared.roles, prepared.parameters)],
        "before": build_document(kept.platform),
        "results": [asdict(result) for result in kept.results],
        "steps": [
            [
                _list_rows(step.before, step.after),
                _list_rows(step.after, step.before),
                list(step.renamed.items()),
            ]
            for step in kept.steps
        ],
        "real": dict(real),
    }


def read_kept(document: Json) -> Kept:
    """Return what :func:`write_kept` wrote.

    Raises:
        LookupError, TypeError, ValueError: It was not written by this version.
    """
    facts = {name: _freeze(value) for name, value in document["facts"].items()}
    schemas, roles, parameters = (frozenset(made) for made in document["made"])
    prepared = Prepared(
        document["database"],
        document["role"],
        document["platform"],
        ServerFacts(**facts),
        {name: _read_provision(name, *rest) for name, *rest in document["provisions"]},
        schemas,
        roles,
        parameters,
    )
    results = tuple(_read_result(result) for result in document["results"])
    pairs = zip(results, document["steps"], strict=True) if document["steps"] else ()
    return Kept(
        prepared,
        parse_document(document["before"]),
        results,
        tuple(
            Step(result, _read_rows(before), _read_rows(after), _read_renamed(renamed))
            for result, (before, after, renamed) in pairs
        ),
    )


def _list(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _freeze(value: object) -> Any:  # noqa: ANN401 - what a field of the facts holds
    return frozenset(value) if isinstance(value, list) else value


def _list_rows(
    by_kind: Mapping[str, Rows], others: Mapping[str, Rows]
) -> dict[str, list[tuple[object, object]]]:
    """Return rows by kind; after a far-reaching statement these are all rows of a schema."""
    return {
        kind: [
            (key, values)
            for key, values in rows.items()
            if kind not in LEAVES or others.get(kind, {}).get(key) != values
        ]
        for kind, rows in by_kind.items()
    }


def _read_provision(name: str, how: str, schema: str, preinstalled: bool) -> Provision:  # noqa: FBT001 - a field of JSON
    kind = How[how]
    stub = load_manifest().stubs[name] if kind in STAND_INS else None
    return Provision(name, kind, schema, preinstalled, stub)


def _read_result(document: Json) -> FileResult:
    error = Failure(**document["error"]) if document["error"] else None
    return FileResult(**{**document, "error": error})


def _read_rows(by_kind: Mapping[str, Sequence[Any]]) -> dict[str, Rows]:
    return {
        kind: {tuple(key): tuple(values) for key, values in rows} for kind, rows in by_kind.items()
    }


def _read_renamed(pairs: Sequence[Any]) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    return {(kind, tuple(new)): tuple(old) for (kind, new), old in pairs}
