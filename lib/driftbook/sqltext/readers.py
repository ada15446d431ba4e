"""One reader per kind of statement that concerns a replay: a node of the grammar to a shape."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from postgast import pg_query_pb2

from driftbook.sqltext.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROLE_NAMED = pg_query_pb2.ROLESPEC_CSTRING


def _options(items: Iterable[pg_query_pb2.Node]) -> dict[str, pg_query_pb2.DefElem]:
    return {item.def_elem.defname: item.def_elem for item in items}


def _string(element: pg_query_pb2.DefElem | None) -> str:
    return "" if element is None else element.arg.string.sval


def _is_on(element: pg_query_pb2.DefElem | None) -> bool:
    return element is not None and (
        not element.HasField("arg") or element.arg.boolean.boolval or element.arg.integer.ival > 0
    )


def _dotted(items: Iterable[pg_query_pb2.Node]) -> str:
    return ".".join(item.string.sval for item in items)


def _words(**found: bool) -> frozenset[str]:
    return frozenset(word.replace("_", "-") for word, is_set in found.items() if is_set)


def _extension_create(node: pg_query_pb2.CreateExtensionStmt) -> Shape:
    options = _options(node.options)
    return Shape(
        "extension-create",
        (node.extname,),
        schema=_string(options.get("schema")),
        words=_words(if_not_exists=node.if_not_exists, cascade="cascade" in options),
    )


def _role_create(node: pg_query_pb2.CreateRoleStmt) -> Shape:
    options = _options(node.options)
    return Shape(
        "role-create",
        (node.role,),
        words=_words(
            superuser=_is_on(options.get("superuser")),
            replication=_is_on(options.get("isreplication")),
        ),
    )


def _role_alter(node: pg_query_pb2.AlterRoleStmt) -> Shape:
    options = _options(node.options)
    return Shape(
        "role-alter",
        (node.role.rolename,),
        words=_words(
            superuser=_is_on(options.get("superuser")),
            replication=_is_on(options.get("isreplication")),
        ),
    )


def _role_set(node: pg_query_pb2.AlterRoleSetStmt) -> Shape:
    return Shape("role-set", (node.role.rolename,), method=node.setstmt.name)


def _role_drop(node: pg_query_pb2.DropRoleStmt) -> Shape:
    return Shape("role-drop", tuple(each.role_spec.rolename for each in node.roles))


def _role_grant(node: pg_query_pb2.GrantRoleStmt) -> Shape:
    granted = tuple(each.access_priv.priv_name for each in node.granted_roles)
    grantees = tuple(
        each.role_spec.rolename
        for each in node.grantee_roles
        if each.role_spec.roletype == ROLE_NAMED
    )
    return Shape("role-grant", granted, roles=(*granted, *grantees))


def _grant(node: pg_query_pb2.GrantStmt) -> Shape:
    privileges = [each.access_priv.priv_name.lower() for each in node.privileges]
    found = OBJECTS.get(node.objtype)
    return Shape(
        f"{found}-grant" if found else "grant",
        tuple(each.string.sval for each in node.objects) if found else (),
        words=_words(
            maintain="maintain" in privileges, only_maintain=set(privileges) == {"maintain"}
        ),
    )


def _default_privileges(node: pg_query_pb2.AlterDefaultPrivilegesStmt) -> Shape:
    return Shape("grant", words=_grant(node.action).words)


def _index(node: pg_query_pb2.IndexStmt) -> Shape:
    names = (node.idxname or f"on {node.relation.relname}",)
    return Shape(
        "index-create", names, words=_words(concurrently=node.concurrent), method=node.access_method
    )


def _reindex(node: pg_query_pb2.ReindexStmt) -> Shape:
    words = _words(concurrently=_is_on(_options(node.params).get("concurrently")))
    return Shape("reindex", (node.relation.relname or node.name,), words=words)


def _drop(node: pg_query_pb2.DropStmt) -> Shape:
    names = tuple(
        each.string.sval or ".".join(part.string.sval for part in each.list.items)
        for each in node.objects
    )
    found = {**OBJECTS, pg_query_pb2.OBJECT_INDEX: "index"}.get(node.remove_type)
    kind = f"{found}-drop" if found else "other"
    return Shape(kind, names, words=_words(concurrently=node.concurrent))


# Kinds of objects that only a superuser makes, or that lie in such objects.
OBJECTS = {
    pg_query_pb2.OBJECT_EXTENSION: "extension",
    pg_query_pb2.OBJECT_EVENT_TRIGGER: "event-trigger",
    pg_query_pb2.OBJECT_DATABASE: "database",
    pg_query_pb2.OBJECT_SUBSCRIPTION: "subscription",
    pg_query_pb2.OBJECT_FDW: "wrapper",
    pg_query_pb2.OBJECT_FOREIGN_SERVER: "server",
    pg_query_pb2.OBJECT_LANGUAGE: "language",
    pg_query_pb2.OBJECT_TRANSFORM: "transform",
    pg_query_pb2.OBJECT_ACCESS_METHOD: "access-method",
    pg_query_pb2.OBJECT_OPCLASS: "operator-class",
    pg_query_pb2.OBJECT_OPFAMILY: "operator-family",
    pg_query_pb2.OBJECT_TSPARSER: "search-parser",
    pg_query_pb2.OBJECT_TSTEMPLATE: "search-template",
    pg_query_pb2.OBJECT_TSDICTIONARY: "search-dictionary",
    pg_query_pb2.OBJECT_TSCONFIGURATION: "search-configuration",
}


def _find_name(node: pg_query_pb2.Node) -> str:
    """Return the name of an object without its schema; of a transform that of its language."""
    parts = [item.string.sval for item in node.list.items]
    return node.string.sval or (parts[-1] if parts else "")


def _about(kind: int, name: str, verb: str) -> Shape:
    found = OBJECTS.get(kind)
    return Shape(f"{found}-{verb}", (name,)) if found and name else Shape("other")


def _define(node: pg_query_pb2.DefineStmt) -> Shape:
    """Read text search objects and types of functions; ``method`` is what they are made of."""
    name = _dotted(node.defnames)
    options = _options(node.definition)
    if node.kind == pg_query_pb2.OBJECT_TYPE and options:
        return Shape("base-type-create", (name,))
    made_of = [
        option.arg.type_name.names[-1].string.sval
        for name in ("template", "parser", "copy")
        if (option := options.get(name)) is not None and option.arg.type_name.names
    ]
    shape = _about(node.kind, name, "create")
    return replace(shape, method=made_of[0] if made_of else "")


def _copy(node: pg_query_pb2.CopyStmt) -> Shape:
    kind = "copy-stdin" if node.is_from else "copy-stdout"
    if node.is_program or node.filename:
        kind = "copy-server"
    return Shape(kind, (node.relation.relname,))


def _set(node: pg_query_pb2.VariableSetStmt) -> Shape:
    single = {pg_query_pb2.VAR_SET_VALUE, pg_query_pb2.VAR_SET_DEFAULT, pg_query_pb2.VAR_RESET}
    return Shape("set", method=node.name if node.kind in single else "")


def _function(node: pg_query_pb2.CreateFunctionStmt) -> Shape:
    name = _dotted(node.funcname)
    language = _string(_options(node.options).get("language"))
    return Shape("function-create", (name,), method=language.lower())


def _do(node: pg_query_pb2.DoStmt) -> Shape:
    options = _options(node.args)
    language = _string(options.get("language")) or "plpgsql"
    return Shape("do", method=language.lower(), body=_string(options.get("as")))


def _schema(node: pg_query_pb2.CreateSchemaStmt) -> Shape:
    name = node.schemaname or node.authrole.rolename
    return Shape("schema-create", (name,), words=_words(if_not_exists=node.if_not_exists))


def _transaction(node: pg_query_pb2.TransactionStmt) -> Shape:
    opening = {pg_query_pb2.TRANS_STMT_BEGIN, pg_query_pb2.TRANS_STMT_START}
    return Shape("begin" if node.kind in opening else "transaction")


READERS: dict[str, Callable[..., Shape]] = {
    "create_extension_stmt": _extension_create,
    "alter_extension_stmt": lambda node: Shape("extension-alter", (node.extname,)),
    "alter_extension_contents_stmt": lambda node: Shape("extension-alter", (node.extname,)),
    "alter_object_schema_stmt": lambda node: replace(
        _about(node.object_type, _find_name(node.object), "alter"), schema=node.newschema
    ),
    "alter_owner_stmt": lambda node: _about(node.object_type, _find_name(node.object), "alter"),
    "rename_stmt": lambda node: _about(
        node.rename_type, node.subname or _find_name(node.object), "alter"
    ),
    "comment_stmt": lambda node: _about(node.objtype, _find_name(node.object), "comment"),
    "drop_stmt": _drop,
    "create_role_stmt": _role_create,
    "alter_role_stmt": _role_alter,
    "alter_role_set_stmt": _role_set,
    "drop_role_stmt": _role_drop,
    "grant_role_stmt": _role_grant,
    "grant_stmt": _grant,
    "alter_default_privileges_stmt": _default_privileges,
    "create_event_trig_stmt": lambda node: Shape("event-trigger-create", (node.trigname,)),
    "alter_event_trig_stmt": lambda node: Shape("event-trigger-alter", (node.trigname,)),
    "alter_system_stmt": lambda node: Shape("system-alter", (node.setstmt.name,)),
    "create_subscription_stmt": lambda node: Shape("subscription-create", (node.subname,)),
    "alter_subscription_stmt": lambda node: Shape("subscription-alter", (node.subname,)),
    "drop_subscription_stmt": lambda node: Shape("subscription-drop", (node.subname,)),
    "create_fdw_stmt": lambda node: Shape("wrapper-create", (node.fdwname,)),
    "create_plang_stmt": lambda node: Shape("language-create", (node.plname,)),
    "create_foreign_server_stmt": lambda node: Shape(
        "server-create", (node.servername,), method=node.fdwname
    ),
    "create_user_mapping_stmt": lambda node: Shape(
        "user-mapping-create", (node.servername,), method=node.servername
    ),
    "create_foreign_table_stmt": lambda node: Shape(
        "table-create", (node.base_stmt.relation.relname,), method=node.servername
    ),
    "create_transform_stmt": lambda node: Shape("transform-create", (node.lang,), method=node.lang),
    "create_am_stmt": lambda node: Shape("access-method-create", (node.amname,)),
    "create_op_class_stmt": lambda node: Shape(
        "operator-class-create", (_dotted(node.opclassname),)
    ),
    "create_op_family_stmt": lambda node: Shape(
        "operator-family-create", (_dotted(node.opfamilyname),)
    ),
    "alter_op_family_stmt": lambda node: Shape(
        "operator-family-change", (_dotted(node.opfamilyname),)
    ),
    "define_stmt": _define,
    "alter_tsconfiguration_stmt": lambda node: Shape(
        "search-configuration-alter", (_dotted(node.cfgname),)
    ),
    "sec_label_stmt": lambda node: Shape("security-label-create", (node.provider,)),
    "alter_database_stmt": lambda node: Shape("database-alter", (node.dbname,)),
    "alter_database_set_stmt": lambda node: Shape(
        "database-alter", (node.dbname,), method=node.setstmt.name
    ),
    "index_stmt": _index,
    "reindex_stmt": _reindex,
    "copy_stmt": _copy,
    "variable_set_stmt": _set,
    "create_function_stmt": _function,
    "do_stmt": _do,
    "create_schema_stmt": _schema,
    "create_policy_stmt": lambda node: Shape("policy-create", (node.policy_name,)),
    "alter_policy_stmt": lambda node: Shape("policy-alter", (node.policy_name,)),
    "transaction_stmt": _transaction,
}
