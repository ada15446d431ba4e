"""What one statement makes and drops, by name: read by the grammar, blocks included."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pg

from driftbook.sqltext.lexer import find_regions, mask_comments
from driftbook.sqltext.parse import parse_one
from driftbook.versions import Deed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from google.protobuf.message import Message

MOST_ARGUMENTS = 100  # a server takes no more
MOST_NESTED = 3  # a block in a string in a block
INNER = re.compile(r"\b(?:create|alter|drop)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%[Is]\s*\.")  # of format(): any schema
SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"})
# How the server calls a constraint without a name, as long as the name is free and short.
DEFAULT_NAMES = {
    pg.CONSTR_PRIMARY: "{table}_pkey",
    pg.CONSTR_UNIQUE: "{columns}_key",
    pg.CONSTR_FOREIGN: "{columns}_fkey",
    pg.CONSTR_CHECK: "{columns}_check",
    pg.CONSTR_EXCLUSION: "{columns}_excl",
}
IN_MESSAGES = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "bool": "boolean",
    "float4": "real",
    "float8": "double precision",
    "varchar": "character varying",
    "bpchar": "character",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "timetz": "time with time zone",
    "time": "time without time zone",
    "varbit": "bit varying",
}
RESULTS = frozenset({pg.FUNC_PARAM_OUT, pg.FUNC_PARAM_TABLE})
QUOTED = re.compile(r"[eE]?'((?:[^']|'')*)'|\$(\w*)\$(.*?)\$\2\$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Making:
    """One object that a statement makes or drops.

    Attributes:
        kind: ``relation``, ``type``, ``function``, ``schema``, ``role``, ``extension``,
            ``publication``, or a part: ``column``, ``key``, ``constraint``, ``policy``,
            ``trigger``, and ``value`` of an enum. A key is what a foreign key or ON CONFLICT may
            name; its ``name`` is its columns in alphabetical order with commas, and empty once
            more for a primary key.
        schema: As written, of a part the schema of its table; empty: the search path decides.
        name: Unquoted.
        table: Of a part.
        deed: ``created`` or ``dropped``.
        is_guarded: Whether nothing happens when the object, of a part its table, exists.
        arity: Of a function: fewest and most arguments of a call.
        types: Of its arguments, as messages name them, without schema; ``None``: not told.
    """

    kind: str
    schema: str
    name: str
    table: str = ""
    deed: Deed = Deed.CREATED
    is_guarded: bool = False
    arity: tuple[int, int] = (0, MOST_ARGUMENTS)
    types: tuple[str, ...] | None = None


def read_makings(text: str) -> list[Making]:
    """Return what the one statement ``text`` makes and drops, as far as it is written out.

    Of a DO block and of the body of a function this is what their own text says; what they put
    together when they run is not seen.
    """
    return list(_read(text, 0))


def _read(text: str, depth: int) -> Iterator[Making]:
    tree = parse_one(mask_comments(text))
    if tree is None or not tree.stmts:
        return
    name = tree.stmts[0].stmt.WhichOneof("node")
    node = getattr(tree.stmts[0].stmt, name)
    if name in READERS:
        yield from READERS[name](node)
    if depth < MOST_NESTED and name in {"do_stmt", "create_function_stmt"}:
        options = node.args if name == "do_stmt" else node.options
        found = _read_body(_find_body(options), depth + 1)
        # What a function drops happens when it is called, which is not known.
        yield from (one for one in found if name == "do_stmt" or one.deed is Deed.CREATED)


def _find_body(options: Iterable[Message]) -> str:
    for item in options:
        element = item.def_elem
        if element.defname == "as":
            parts = element.arg.list.items
            return str(parts[0].string.sval if parts else element.arg.string.sval)
    return ""


def _read_body(body: str, depth: int) -> Iterator[Making]:
    """Read the statements that stand in ``body``, and those in the strings that it runs."""
    code = mask_comments(body)
    ends = [start for kind, start, _ in find_regions(code) if kind == "end"]
    start = 0
    for end in [*ends, len(code)]:
        piece = code[start:end]
        start = end + 1
        if first := INNER.search(piece):
            yield from _read(piece[first.start() :], depth)
        if depth < MOST_NESTED:
            for found in QUOTED.finditer(piece):
                inner = found[3] if found[1] is None else found[1].replace("''", "'")
                if INNER.search(inner):
                    yield from _read(PLACEHOLDER.sub("", inner), depth + 1)


def _names(items: Iterable[Message]) -> tuple[str, str]:
    """Return schema and name of a dotted name."""
    parts = [item.string.sval for item in items]
    return (parts[-2] if len(parts) > 1 else "", parts[-1] if parts else "")


def _create_table(node: pg.CreateStmt) -> Iterator[Making]:
    schema, name = node.relation.schemaname, node.relation.relname
    guarded = node.if_not_exists
    yield Making("relation", schema, name, is_guarded=guarded)
    for element in node.table_elts:
        if element.HasField("column_def"):
            column = element.column_def
            yield from _column(schema, name, column, guarded)
        elif element.HasField("constraint"):
            yield from _constraint(schema, name, element.constraint, guarded)


def _column(schema: str, table: str, node: pg.ColumnDef, guarded: bool) -> Iterator[Making]:  # noqa: FBT001 - handed through
    yield Making("column", schema, node.colname, table, is_guarded=guarded)
    if _names(node.type_name.names)[1] in SERIAL:
        yield Making("relation", schema, f"{table}_{node.colname}_seq", is_guarded=guarded)
    for item in node.constraints:
        yield from _constraint(schema, table, item.constraint, guarded, (node.colname,))


def _constraint(
    schema: str,
    table: str,
    node: pg.Constraint,
    guarded: bool,  # noqa: FBT001 - handed through
    own: tuple[str, ...] = (),
) -> Iterator[Making]:
    columns = own or tuple(key.string.sval for key in (*node.keys, *node.fk_attrs))
    name = node.conname or DEFAULT_NAMES.get(node.contype, "").format(
        table=table, columns="_".join((table, *columns))
    )
    if name:
        yield Making("constraint", schema, name, table, is_guarded=guarded)
    if node.contype in {pg.CONSTR_PRIMARY, pg.CONSTR_UNIQUE}:
        yield Making("relation", schema, name, is_guarded=guarded)
        yield Making("key", schema, ",".join(sorted(columns)), table, is_guarded=guarded)
    if node.contype == pg.CONSTR_PRIMARY:
        yield Making("key", schema, "", table, is_guarded=guarded)


def _alter_table(node: pg.AlterTableStmt) -> Iterator[Making]:
    schema, table = node.relation.schemaname, node.relation.relname
    for item in node.cmds:
        command = item.alter_table_cmd
        guarded = command.missing_ok
        if command.subtype == pg.AT_AddColumn:
            yield from _column(schema, table, getattr(command, "def").column_def, guarded=False)
        elif command.subtype == pg.AT_DropColumn:
            yield Making("column", schema, command.name, table, Deed.DROPPED, guarded)
        elif command.subtype == pg.AT_AddConstraint:
            yield from _constraint(schema, table, getattr(command, "def").constraint, guarded=False)
        elif command.subtype == pg.AT_DropConstraint:
            yield Making("constraint", schema, command.name, table, Deed.DROPPED, guarded)


def _index(node: pg.IndexStmt) -> Iterator[Making]:
    schema, table = node.relation.schemaname, node.relation.relname
    if node.idxname:
        yield Making("relation", schema, node.idxname, is_guarded=node.if_not_exists)
    if node.unique:
        columns = sorted(item.index_elem.name for item in node.index_params)
        yield Making("key", schema, ",".join(columns), table)


def _relation(node: Message, field: str) -> Iterator[Making]:
    found = getattr(node, field)
    guarded = bool(getattr(node, "if_not_exists", False))
    yield Making("relation", found.schemaname, found.relname, is_guarded=guarded)


def _dotted(kind: str, field: str) -> Callable[[Message], Iterator[Making]]:
    return lambda node: iter([Making(kind, *_names(getattr(node, field)))])


def _plain(kind: str, field: str) -> Callable[[Message], Iterator[Making]]:
    return lambda node: iter([Making(kind, "", str(getattr(node, field)))])


def _part(kind: str, name: str, table: str) -> Callable[[Message], Iterator[Making]]:
    def read(node: Message) -> Iterator[Making]:
        relation = getattr(node, table)
        yield Making(kind, relation.schemaname, str(getattr(node, name)), relation.relname)

    return read


WHOLE = {
    **dict.fromkeys(
        (
            pg.OBJECT_TABLE,
            pg.OBJECT_VIEW,
            pg.OBJECT_MATVIEW,
            pg.OBJECT_INDEX,
            pg.OBJECT_SEQUENCE,
            pg.OBJECT_FOREIGN_TABLE,
        ),
        "relation",
    ),
    **dict.fromkeys((pg.OBJECT_TYPE, pg.OBJECT_DOMAIN), "type"),
    **dict.fromkeys(
        (pg.OBJECT_FUNCTION, pg.OBJECT_PROCEDURE, pg.OBJECT_ROUTINE, pg.OBJECT_AGGREGATE),
        "function",
    ),
    pg.OBJECT_SCHEMA: "schema",
    pg.OBJECT_ROLE: "role",
    pg.OBJECT_EXTENSION: "extension",
    pg.OBJECT_PUBLICATION: "publication",
}
PARTS = {
    pg.OBJECT_POLICY: "policy",
    pg.OBJECT_TRIGGER: "trigger",
    pg.OBJECT_COLUMN: "column",
    pg.OBJECT_TABCONSTRAINT: "constraint",
}


def _find_name(item: pg.Node) -> list[str]:
    """Return the parts of the name of an object in DROP and ALTER."""
    if item.HasField("string"):
        return [item.string.sval]
    if item.HasField("list"):
        return [part.string.sval for part in item.list.items]
    if item.HasField("type_name"):
        return [part.string.sval for part in item.type_name.names]
    return [part.string.sval for part in item.object_with_args.objname]


def _read_arguments(item: pg.Node) -> tuple[tuple[int, int], tuple[str, ...] | None]:
    """Return arity and types of the function that is named; any when it has no list."""
    named = item.object_with_args
    if not item.HasField("object_with_args") or named.args_unspecified:
        return (0, MOST_ARGUMENTS), None
    types = tuple(_name_type(each.type_name) for each in named.objargs)
    return (len(types), len(types)), types


def _name_type(node: pg.TypeName) -> str:
    """Return a type as messages name it, without its schema."""
    name = _names(node.names)[1]
    return IN_MESSAGES.get(name, name) + "[]" * bool(node.array_bounds)


def _drop(node: pg.DropStmt) -> Iterator[Making]:
    for item in node.objects:
        *before, name = _find_name(item) or [""]
        if kind := WHOLE.get(node.remove_type):
            schema = before[-1] if before else ""
            yield Making(
                kind, schema, name, "", Deed.DROPPED, node.missing_ok, *_read_arguments(item)
            )
        elif (kind := PARTS.get(node.remove_type)) and before:
            schema = before[-2] if len(before) > 1 else ""
            yield Making(kind, schema, name, before[-1], Deed.DROPPED, node.missing_ok)


def _drop_roles(node: pg.DropRoleStmt) -> Iterator[Making]:
    for item in node.roles:
        yield Making("role", "", item.role_spec.rolename, "", Deed.DROPPED, node.missing_ok)


def _rename(node: pg.RenameStmt) -> Iterator[Making]:
    relation = node.relation
    schema = relation.schemaname
    if kind := PARTS.get(node.rename_type):
        yield Making(kind, schema, node.subname, relation.relname, Deed.DROPPED)
        yield Making(kind, schema, node.newname, relation.relname)
    elif kind := WHOLE.get(node.rename_type):
        *before, name = _find_name(node.object) or [relation.relname or node.subname]
        schema = before[-1] if before else schema
        yield Making(kind, schema, name or relation.relname or node.subname, "", Deed.DROPPED)
        yield Making(kind, schema, node.newname)


def _move(node: pg.AlterObjectSchemaStmt) -> Iterator[Making]:
    if kind := WHOLE.get(node.object_type):
        *before, name = _find_name(node.object) or [node.relation.relname]
        schema = before[-1] if before else node.relation.schemaname
        name = name or node.relation.relname
        yield Making(kind, schema, name, "", Deed.DROPPED)
        yield Making(kind, node.newschema, name)


def _define(node: pg.DefineStmt) -> Iterator[Making]:
    if kind := WHOLE.get(node.kind):
        yield Making(kind, *_names(node.defnames))


def _enum(node: pg.CreateEnumStmt) -> Iterator[Making]:
    schema, name = _names(node.type_name)
    yield Making("type", schema, name)
    for item in node.vals:
        yield Making("value", schema, item.string.sval, name)


def _enum_value(node: pg.AlterEnumStmt) -> Iterator[Making]:
    schema, name = _names(node.type_name)
    if node.old_val:
        yield Making("value", schema, node.old_val, name, Deed.DROPPED)
    yield Making("value", schema, node.new_val, name)


def _function(node: pg.CreateFunctionStmt) -> Iterator[Making]:
    parameters = [item.function_parameter for item in node.parameters]
    given = [each for each in parameters if each.mode not in RESULTS]
    fewest = sum(not each.HasField("defexpr") for each in given)
    is_open = any(each.mode == pg.FUNC_PARAM_VARIADIC for each in given)
    arity = (fewest - is_open, MOST_ARGUMENTS if is_open else len(given))
    types = tuple(_name_type(each.arg_type) for each in given)
    yield Making("function", *_names(node.funcname), arity=arity, types=types)


def _schema(node: pg.CreateSchemaStmt) -> Iterator[Making]:
    name = node.schemaname or node.authrole.rolename
    yield Making("schema", "", name, is_guarded=node.if_not_exists)


READERS: dict[str, Callable[..., Iterator[Making]]] = {
    "create_stmt": _create_table,
    "create_foreign_table_stmt": lambda node: _create_table(node.base_stmt),
    "create_table_as_stmt": lambda node: _relation(node.into, "rel"),
    "view_stmt": lambda node: _relation(node, "view"),
    "create_seq_stmt": lambda node: _relation(node, "sequence"),
    "composite_type_stmt": lambda node: iter(
        [Making("type", node.typevar.schemaname, node.typevar.relname)]
    ),
    "create_enum_stmt": _enum,
    "alter_enum_stmt": _enum_value,
    "create_range_stmt": _dotted("type", "type_name"),
    "create_domain_stmt": _dotted("type", "domainname"),
    "define_stmt": _define,
    "create_function_stmt": _function,
    "create_schema_stmt": _schema,
    "create_role_stmt": _plain("role", "role"),
    "create_extension_stmt": _plain("extension", "extname"),
    "create_publication_stmt": _plain("publication", "pubname"),
    "create_policy_stmt": _part("policy", "policy_name", "table"),
    "create_trig_stmt": _part("trigger", "trigname", "relation"),
    "alter_table_stmt": _alter_table,
    "index_stmt": _index,
    "drop_stmt": _drop,
    "drop_role_stmt": _drop_roles,
    "rename_stmt": _rename,
    "alter_object_schema_stmt": _move,
}
