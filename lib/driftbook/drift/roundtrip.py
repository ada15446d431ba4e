"""Loading one definition into a scratch database and reading it back, per kind of text.

What is loaded was written by a server, or by whoever wrote a capture: every text is sent alone,
in the extended protocol, which takes one statement, as a role that owns nothing but the scratch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString, cast

from psycopg import sql

from driftbook.catalog.reader import load_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection
    from psycopg.rows import TupleRow

Key = tuple[str, ...]
Row = dict[str, object]
SCRATCH = "driftbook_scratch"


def _text(deparsed: object) -> sql.SQL:
    # What the server wrote is SQL; there is no other way to give it back.
    return sql.SQL(cast("LiteralString", deparsed))


@dataclass(frozen=True, slots=True)
class Place:
    """One object in the scratch database, with its row for what the text alone leaves out."""

    connection: Connection[TupleRow]
    key: Key
    row: Row

    def run(self, statement: LiteralString, *names: sql.Composable) -> None:
        """Run one statement with ``{}`` filled by ``names``."""
        composed = sql.SQL(statement).format(*names)
        # A binary result needs the extended protocol: a second statement is an error.
        self.connection.execute(composed, binary=True)

    def read(self, query: LiteralString, *values: str) -> str | None:
        """Return the text that ``query`` gives for ``values``."""
        found = self.connection.execute(query, values).fetchone()
        return None if found is None or found[0] is None else str(found[0])

    def add_column(self) -> None:
        """Add the column that this place is, with its type alone."""
        kind = _text(self.row["type"])
        self.run("alter table {} add column {} {}", self.relation, self.sub, kind)

    @property
    def relation(self) -> sql.Identifier:
        """Return the object's own qualified name, or that of its table."""
        return sql.Identifier(*self.key[:2])

    @property
    def sub(self) -> sql.Identifier:
        """Return the name of a part of a table."""
        return sql.Identifier(self.key[2])

    @property
    def beside(self) -> sql.Identifier:
        """Return a name in the object's schema that nothing has."""
        return sql.Identifier(self.key[0], SCRATCH)

    @property
    def quoted(self) -> str:
        """Return the relation as text for a cast to ``regclass``."""
        return self.relation.as_string(None)


def _constraint(place: Place, text: str) -> str | None:
    of = sql.SQL("domain") if place.row.get("of") == "domain" else sql.SQL("table")
    scratch = sql.Identifier(SCRATCH)
    # A column can be named with its table's old constraint in place: it has another name.
    place.run("alter {} {} add constraint {} {}", of, place.relation, scratch, _text(text))
    read = place.read(CONSTRAINT, SCRATCH, place.quoted)
    place.run("alter {} {} drop constraint {}", of, place.relation, scratch)
    return read


CONSTRAINT = "select pg_catalog.pg_get_constraintdef(oid) from pg_catalog.pg_constraint where conname = %s and coalesce(pg_catalog.to_regclass(%s)::oid, 0) in (conrelid, 0)"  # noqa: E501 - one statement


def _index(place: Place, text: str) -> str | None:
    place.run("alter index {} rename to {}", place.relation, sql.Identifier(SCRATCH))
    place.run("{}", _text(text))
    read = place.read("select pg_catalog.pg_get_indexdef(pg_catalog.to_regclass(%s))", place.quoted)
    place.run("drop index {}", place.relation)
    place.run("alter index {} rename to {}", place.beside, sql.Identifier(place.key[1]))
    return read


def _view(place: Place, text: str) -> str | None:
    return _query(place, text, "create view {} as {}", "drop view {}")


def _materialized_view(place: Place, text: str) -> str | None:
    create = "create materialized view {} as {} with no data"
    return _query(place, text, create, "drop materialized view {}")


def _query(place: Place, text: str, create: LiteralString, drop: LiteralString) -> str | None:
    place.run(create, place.beside, _text(text.rstrip().removesuffix(";")))
    read = place.read(
        "select pg_catalog.pg_get_viewdef(pg_catalog.to_regclass(%s))",
        place.beside.as_string(None),
    )
    place.run(drop, place.beside)
    return read


def _policy_using(place: Place, text: str) -> str | None:
    return _policy(place, "using", "polqual", text)


def _policy_check(place: Place, text: str) -> str | None:
    return _policy(place, "with check", "polwithcheck", text)


def _policy(place: Place, clause: str, column: str, text: str) -> str | None:
    scratch = sql.Identifier(SCRATCH)
    place.run(
        "create policy {} on {} {} ({})",
        scratch,
        place.relation,
        _text(clause),
        _text(text),
    )
    query = {
        "polqual": "select pg_catalog.pg_get_expr(polqual, polrelid) from pg_catalog.pg_policy where polname = %s",  # noqa: E501
        "polwithcheck": "select pg_catalog.pg_get_expr(polwithcheck, polrelid) from pg_catalog.pg_policy where polname = %s",  # noqa: E501
    }[column]
    read = place.read(query, SCRATCH)
    place.run("drop policy {} on {}", scratch, place.relation)
    return read


ATTRIBUTE_EXPRESSION = "select pg_catalog.pg_get_expr(d.adbin, d.adrelid) from pg_catalog.pg_attrdef as d inner join pg_catalog.pg_attribute as a on d.adrelid = a.attrelid and d.adnum = a.attnum where d.adrelid = pg_catalog.to_regclass(%s) and a.attname = %s"  # noqa: E501


def _default(place: Place, text: str) -> str | None:
    place.run(
        "alter table {} alter column {} set default {}", place.relation, place.sub, _text(text)
    )
    return place.read(ATTRIBUTE_EXPRESSION, place.quoted, place.key[2])


def _generation(place: Place, text: str) -> str | None:
    scratch = sql.Identifier(SCRATCH)
    place.run(
        "alter table {} add column {} {} generated always as ({}) stored",
        place.relation,
        scratch,
        _text(place.row["type"]),
        _text(text),
    )
    read = place.read(ATTRIBUTE_EXPRESSION, place.quoted, SCRATCH)
    place.run("alter table {} drop column {}", place.relation, scratch)
    return read


def _trigger(place: Place, text: str) -> str | None:
    scratch = sql.Identifier(SCRATCH)
    place.run("alter trigger {} on {} rename to {}", place.sub, place.relation, scratch)
    place.run("{}", _text(text))
    query = "select pg_catalog.pg_get_triggerdef(oid) from pg_catalog.pg_trigger where tgrelid = pg_catalog.to_regclass(%s) and tgname = %s"  # noqa: E501
    read = place.read(query, place.quoted, place.key[2])
    place.run("drop trigger {} on {}", place.sub, place.relation)
    place.run("alter trigger {} on {} rename to {}", scratch, place.relation, place.sub)
    return read


def _rule(place: Place, text: str) -> str | None:
    scratch = sql.Identifier(SCRATCH)
    place.run("alter rule {} on {} rename to {}", place.sub, place.relation, scratch)
    place.run("{}", _text(text.rstrip().removesuffix(";")))
    query = "select pg_catalog.pg_get_ruledef(oid) from pg_catalog.pg_rewrite where ev_class = pg_catalog.to_regclass(%s) and rulename = %s"  # noqa: E501
    read = place.read(query, place.quoted, place.key[2])
    place.run("drop rule {} on {}", place.sub, place.relation)
    place.run("alter rule {} on {} rename to {}", scratch, place.relation, place.sub)
    return read


def _statistics(place: Place, text: str) -> str | None:
    place.run("alter statistics {} rename to {}", place.relation, sql.Identifier(SCRATCH))
    place.run("{}", _text(text))
    query = "select pg_catalog.pg_get_statisticsobjdef(s.oid) from pg_catalog.pg_statistic_ext as s inner join pg_catalog.pg_namespace as n on s.stxnamespace = n.oid where n.nspname = %s and s.stxname = %s"  # noqa: E501
    read = place.read(query, *place.key)
    place.run("drop statistics {}", place.relation)
    place.run("alter statistics {} rename to {}", place.beside, sql.Identifier(place.key[1]))
    return read


def _partition_key(place: Place, text: str) -> str | None:
    create = "create table {} (like {}) partition by {}"
    place.run(create, place.beside, place.relation, _text(text))
    query = "select pg_catalog.pg_get_partkeydef(pg_catalog.to_regclass(%s))"
    read = place.read(query, place.beside.as_string(None))
    place.run("drop table {}", place.beside)
    return read


def _domain_default(place: Place, text: str) -> str | None:
    place.run("alter domain {} set default {}", place.relation, _text(text))
    query = "select pg_catalog.pg_get_expr(typdefaultbin, 0) from pg_catalog.pg_type where oid = pg_catalog.to_regtype(%s)"  # noqa: E501
    return place.read(query, place.quoted)


def _publication(place: Place, text: str) -> str | None:
    scratch = sql.Identifier(SCRATCH)
    place.run("create publication {} for table {}", scratch, _text(text))
    query = load_query("publication", place.connection.info.server_version)
    cursor = place.connection.execute(query.encode())
    at = [column.name for column in cursor.description or ()].index("tables")
    read = str({row[0]: row[at] for row in cursor.fetchall()}[SCRATCH])
    place.run("drop publication {}", scratch)
    return read


def _arguments(place: Place, text: str) -> str | None:
    # A procedure takes the arguments of any function, and returns nothing.
    place.run("create procedure {}({}) language plpgsql as 'begin end'", place.beside, _text(text))
    query = "select pg_catalog.pg_get_function_arguments(oid) from pg_catalog.pg_proc where proname = %s"  # noqa: E501
    read = place.read(query, SCRATCH)
    place.run("drop procedure {}", place.beside)
    return read


# How the body of a function begins in its definition.
BODIES = ("\nBEGIN ATOMIC", "\nRETURN ", "\nAS ")


def _function(place: Place, text: str) -> str | None:
    """Load a whole definition and return it as it reads back."""
    # What only a superuser may claim says nothing of the body.
    begin = min((at for mark in BODIES if (at := text.find(mark)) >= 0), default=len(text))
    place.run("{}", _text(text[:begin].replace(" LEAKPROOF", "") + text[begin:]))
    query = "select pg_catalog.pg_get_functiondef(pg_catalog.to_regprocedure(%s))"
    return place.read(query, str(place.row["signature"]))


def read_body(place: Place) -> str | None:
    """Return the parsed body of a function: its other properties are compared by themselves."""
    query = "select pg_catalog.pg_get_function_sqlbody(pg_catalog.to_regprocedure(%s))"
    return place.read(query, str(place.row["signature"]))


LOADERS: Mapping[tuple[str, str], Callable[[Place, str], str | None]] = {
    ("constraint", "definition"): _constraint,
    ("index", "definition"): _index,
    ("view", "definition"): _view,
    ("materialized_view", "definition"): _materialized_view,
    ("policy", "using"): _policy_using,
    ("policy", "with_check"): _policy_check,
    ("column", "default"): _default,
    ("column", "generation"): _generation,
    ("trigger", "definition"): _trigger,
    ("rule", "definition"): _rule,
    ("domain", "default"): _domain_default,
    ("statistics", "definition"): _statistics,
    ("table", "partition_key"): _partition_key,
    ("publication", "tables"): _publication,
    ("function", "arguments"): _arguments,
    ("function", "definition"): _function,
}
