"""What texts need to load: the objects that they name, written from two snapshots, without rows.

A definition names the objects it is made of, so whatever has one of its words as name is made,
and whatever that one names. Too much is harmless: what does not load there is passed over.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from psycopg import sql

from driftbook.catalog.kinds import KINDS
from driftbook.drift.differing import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from driftbook.catalog.snapshot import Snapshot

Key = tuple[str, ...]
Row = dict[str, object]
Ref = tuple[str, Key]

WORD = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')
OPERATOR = re.compile(r"(.+)\((.+), (.+)\)", re.DOTALL)
# A body that no planner runs: it stands for any function.
STUB = "language plpgsql {} {} as 'begin end'"
TEXTS = ("column", "constraint", "policy", "publication")
KEYS = ("primary key", "unique", "exclude")
UNNAMED = ("cast", "operator")  # texts use them without a word: all are made
PARTS = ("trigger", "rule", "index", "statistics")  # their loaders set aside what has the name


class Skeleton:
    """Statements that make what the texts of some objects need, each before its users.

    Args:
        sides: The snapshots; what both have is made as the first has it.
        judged: The objects whose texts are to be loaded.
    """

    def __init__(self, sides: Sequence[Snapshot], judged: Collection[Ref]) -> None:
        self._rows: dict[Ref, Row] = {}
        self._columns: dict[Key, dict[str, Row]] = defaultdict(dict)
        self._keys: dict[Key, dict[str, Row]] = defaultdict(dict)
        for side in sides:
            for ref, row in _read_side(side):
                self._keep(ref, row)
        self._named: dict[str, list[Ref]] = defaultdict(list)
        for ref in self._rows:
            if ref[0] in WRITERS and ref[0] not in UNNAMED:
                self._named[ref[1][-1].partition("(")[0]].append(ref)
            if ref[0] == "range_type":
                self._named[str(self._rows[ref]["multirange"]).split(".")[-1]].append(ref)
        self._judged = judged

    def _keep(self, ref: Ref, row: Row) -> None:
        kind, key = ref
        self._rows.setdefault(ref, row)
        if kind == "column":
            self._columns[key[:2]].setdefault(key[2], row)
        elif kind == "constraint" and row["type"] in KEYS:
            self._keys[key[:2]].setdefault(key[2], row)

    def write(self) -> Iterator[str]:
        """Yield one statement at a time, schemas first and what is judged last."""
        schemas = sorted({key[0] for kind, key in self._rows if kind in WRITERS and key[0]})
        yield from (f"create schema if not exists {_name(schema)}" for schema in schemas)
        wanted = [ref for ref in self._rows if ref[0] in UNNAMED]
        wanted += [ref for ref in self._rows if ref in self._judged]
        done: set[Ref] = set()
        for ref in (ref for ref in wanted if ref not in done):
            for needed in self._find_needed(ref, done):
                yield from self._write(needed)
        for kind, key in wanted:
            if kind in PARTS:
                yield str(self._rows[kind, key]["definition"]).rstrip().removesuffix(";")

    def _find_needed(self, ref: Ref, done: set[Ref]) -> Iterator[Ref]:
        """Yield what ``ref`` needs and, unless it is a part of something, itself; each once."""
        path: list[tuple[Ref, list[Ref]]] = [(ref, self._find_mentioned(ref))]
        done.add(ref)
        while path:
            at, mentioned = path[-1]
            while mentioned:
                following = mentioned.pop()
                if following not in done:
                    done.add(following)
                    path.append((following, self._find_mentioned(following)))
                    break
            else:
                path.pop()
                if at[0] in WRITERS:
                    yield at

    def _find_mentioned(self, ref: Ref) -> list[Ref]:
        found = {other for word in self._read_words(ref) for other in self._named.get(word, ())}
        return sorted(found - {ref})

    def _read_words(self, ref: Ref) -> set[str]:
        kind, key = ref
        row = self._rows[ref]
        # A function's body is not made; a table's columns and keys are.
        texts = [row[name] for name in ("arguments", "result")] if kind == "function" else []
        if kind != "function" or ref in self._judged:
            texts += row.values()
        texts += [value for one in self._columns[key[:2]].values() for value in one.values()]
        texts += [one["definition"] for one in self._keys[key[:2]].values()]
        texts += key if kind in UNNAMED else ()
        words = {*key[:2]}
        for text in texts:
            if isinstance(text, str):
                words |= {quoted.replace('""', '"') or bare for quoted, bare in WORD.findall(text)}
        return words

    def _write(self, ref: Ref) -> Iterator[str]:
        kind, key = ref
        row = self._rows[ref]
        if kind == "table":
            columns = sorted(self._columns[key].items(), key=_read_position)
            written = [_write_column(*one) for one in columns]
            # A type that the scratch cannot have leaves the other columns to be read.
            alone = any("." in str(one["type"]) or one["collation"] for _, one in columns)
            yield f"create table {_name(*key)} ({'' if alone else ', '.join(written)})"
            for column in written if alone else ():
                yield f"alter table {_name(*key)} add {column}"
            for name, one in self._keys[key].items():
                yield f"alter table {_name(*key)} add constraint {_name(name)} {one['definition']}"
        else:
            yield from WRITERS[kind](key, row)


def write_extensions(sides: Iterable[Snapshot]) -> str:
    """Return a script that makes the extensions of ``sides``, each in its schema."""
    found = {key[0]: str(row["schema"]) for side in sides for key, row in _read(side, "extension")}
    return "".join(
        f"create schema if not exists {_name(schema)};\n"
        f"create extension if not exists {_name(name)} with schema {_name(schema)} cascade;\n"
        for name, schema in sorted(found.items())
        if name != "plpgsql"
    )


def _read_side(side: Snapshot) -> Iterator[tuple[Ref, Row]]:
    for kind in {*WRITERS, *PARTS, *TEXTS} & side.frames.keys():
        for key, row in _read(side, kind):
            yield (kind, key), row


def _read(side: Snapshot, kind: str) -> Iterator[tuple[Key, Row]]:
    names = [entry.name for entry in KINDS[kind].properties]
    for key, values in read_rows(side.frames[kind], KINDS[kind]).items():
        yield key, dict(zip(names, values, strict=True))


def _name(*parts: str) -> str:
    return sql.Identifier(*parts).as_string(None)


def _read_position(column: tuple[str, Row]) -> int:
    position = column[1]["position"]
    return position if isinstance(position, int) else 0


def _write_column(name: str, row: Row) -> str:
    collation = f" collate {row['collation']}" if row["collation"] else ""
    return f"{_name(name)} {row['type']}{collation}"


def _write_enum(key: Key, row: Row) -> Iterator[str]:
    yield f"create type {_name(*key)} as enum ({row['labels'] or ''})"


def _write_domain(key: Key, row: Row) -> Iterator[str]:
    collation = f" collate {row['collation']}" if row["collation"] else ""
    yield f"create domain {_name(*key)} as {row['base_type']}{collation}"


def _write_composite(key: Key, row: Row) -> Iterator[str]:
    yield f"create type {_name(*key)} as ({row['attributes'] or ''})"


def _write_range(key: Key, row: Row) -> Iterator[str]:
    options = {"subtype": row["subtype"], "collation": row["collation"]}
    options["multirange_type_name"] = row["multirange"]
    written = ", ".join(f"{name} = {value}" for name, value in options.items() if value)
    yield f"create type {_name(*key)} as range ({written})"


def _write_collation(key: Key, row: Row) -> Iterator[str]:
    names = ("locale", "lc_collate", "lc_ctype")
    written = [f"{name} = {_quote(row[name])}" for name in names if row[name]]
    written += [f"provider = {row['provider']}", f"deterministic = {row['deterministic']}"]
    yield f"create collation {_name(*key)} ({', '.join(written)})"


def _write_sequence(key: Key, _row: Row) -> Iterator[str]:
    yield f"create sequence {_name(*key)}"


def _write_view(key: Key, row: Row) -> Iterator[str]:
    yield f"create view {_name(*key)} as {_strip(row)}"


def _write_materialized_view(key: Key, row: Row) -> Iterator[str]:
    yield f"create materialized view {_name(*key)} as {_strip(row)} with no data"


def _write_function(key: Key, row: Row) -> Iterator[str]:
    name = _name(key[0], key[1].partition("(")[0])
    arguments, volatility = row["arguments"], row["volatility"]
    if row["kind"] == "procedure":
        yield f"create procedure {name}({arguments}) language plpgsql as 'begin end'"
        return
    if row["kind"] == "aggregate":
        yield from _write_aggregate(name, row)
        return
    window = "window" if row["kind"] == "window" else ""
    body = STUB.format(volatility, window)
    yield f"create function {name}({arguments}) returns {row['result']} {body}"


def _write_aggregate(name: str, row: Row) -> Iterator[str]:
    """Yield an aggregate that keeps a value of its result's type, and the function it needs."""
    arguments, result = str(row["arguments"]), str(row["result"])
    kept = arguments.replace(" ORDER BY ", ", ").removeprefix("ORDER BY ")
    state = f'{name[:-1]}_state"'
    taken = f"{result}, {kept}" if kept not in {"", "*"} else result
    yield f"create function {state}({taken}) returns {result} {STUB.format('immutable', '')}"
    hypothetical = ", hypothetical" if "HYPOTHETICAL" in str(row["body"]) else ""
    options = f"sfunc = {state}, stype = {result}{hypothetical}"
    yield f"create aggregate {name}({arguments or '*'}) ({options})"


def _write_operator(key: Key, row: Row) -> Iterator[str]:
    found = OPERATOR.fullmatch(key[1])
    if found and row["function"]:
        operands = zip(("leftarg", "rightarg"), found.groups()[1:], strict=True)
        taken = "".join(f", {name} = {text}" for name, text in operands if text != "none")
        yield f"create operator {_name(key[0])}.{found[1]} (function = {row['function']}{taken})"


def _write_cast(key: Key, row: Row) -> Iterator[str]:
    how = f"with function {row['function']}" if row["function"] else "with inout"
    context = "" if row["context"] == "explicit" else f" as {row['context']}"
    yield f"create cast ({key[0]} as {key[1]}) {how}{context}"


def _quote(value: object) -> str:
    return sql.Literal(str(value)).as_string(None)


def _strip(row: Row) -> str:
    return str(row["definition"]).rstrip().removesuffix(";")


def _write_table(_key: Key, _row: Row) -> Iterable[str]:
    return ()  # with its columns: see Skeleton


WRITERS: Mapping[str, Callable[[Key, Row], Iterable[str]]] = {
    "enum": _write_enum,
    "collation": _write_collation,
    "domain": _write_domain,
    "composite_type": _write_composite,
    "range_type": _write_range,
    "sequence": _write_sequence,
    "function": _write_function,
    "operator": _write_operator,
    "cast": _write_cast,
    "table": _write_table,
    "view": _write_view,
    "materialized_view": _write_materialized_view,
}
