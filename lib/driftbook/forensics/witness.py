"""Which catalog rows remember an object's birth and its last touch, kind by kind.

Each kind is read by the snapshot's own query with transaction ids behind its key, so that a
witness has the name that every frame uses. The server leaves out the columns nobody asks for.
Sources: measured on PostgreSQL 15 to 18 which operations write which row anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.kinds.cluster import CLUSTER
from driftbook.catalog.reader import load_query

if TYPE_CHECKING:
    from collections.abc import Mapping

QUERY = """
select
    '{kind}', pg_catalog.json_build_array({key})::text, q.w_oid::bigint, '{one.catalog}',
    pg_catalog.pg_get_userbyid(q.w_owner)::text, q.w_born, '{one.born_row}',
    greatest(q.w_own, q.w_also),
    case when q.w_also > q.w_own then '{also_row}' else '{one.catalog}' end
from ({query}) as q"""
XID = "{}.xmin::text::bigint"
ATTRIBUTE = (
    "(select b.xmin::text::bigint from pg_catalog.pg_attribute as b "
    "where b.attrelid = {} and b.attnum = {})"
)
LATEST = "(select pg_catalog.max(x.xmin::text::bigint) from pg_catalog.{} as x where x.{} = {})"
OWNER_ROW = (
    "(select pg_catalog.max(x.xmin::text::bigint) from pg_catalog.pg_shdepend as x "
    "where x.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and x.objid = p.oid "
    "and x.deptype = 'o' and x.dbid = (select y.oid from pg_catalog.pg_database as y "
    "where y.datname = pg_catalog.current_database()))"
)
RETURN_RULE = (
    "(select pg_catalog.max(x.xmin::text::bigint) from pg_catalog.pg_rewrite as x "
    "where x.ev_class = c.oid and x.rulename = '_RETURN')"
)


@dataclass(frozen=True, slots=True)
class Witness:
    """The rows that remember objects of one kind, as SQL over the aliases of the kind's query.

    Attributes:
        catalog: Where the object's own row is.
        oid: Its OID.
        touched: The transaction that wrote its own row: it made the object, or touched it last.
        born: The transaction of a row that nothing writes anew; empty: there is no such row.
        born_row: What that row is, for people.
        also: Another row that is written with the object's own, and what it is.
        owner: OID of the role that owns the object, or the table it is on; empty: none.
    """

    catalog: str
    oid: str
    touched: str
    born: str = ""
    born_row: str = ""
    also: tuple[str, str] = ("", "")
    owner: str = ""


def _relation(row: str, oid: str, number: int) -> Witness:
    born = ATTRIBUTE.format(oid, number)
    return Witness("pg_class", oid, row, born, f"pg_attribute[{number}]", owner="c.relowner")


TABLE = _relation("c.xmin::text::bigint", "c.oid", -1)
VIEW = _relation("c.xmin::text::bigint", "c.oid", 1)
SEQUENCE = (
    "(select x.xmin::text::bigint from pg_catalog.pg_class as x where x.oid = s.seqrelid)",
    "s.seqrelid",
    "(select x.relowner from pg_catalog.pg_class as x where x.oid = s.seqrelid)",
)


def _own(catalog: str, alias: str, owner: str = "") -> Witness:
    return Witness(catalog, f"{alias}.oid", XID.format(alias), owner=owner)


WITNESSES: Mapping[str, Witness] = {
    "schema": _own("pg_namespace", "n", "n.nspowner"),
    "extension": _own("pg_extension", "e", "e.extowner"),
    "table": TABLE,
    "column": Witness(
        "pg_attribute",
        "c.oid",
        XID.format("a"),
        # Equal to the birth of the table: created with it. Else it is only known not to be older.
        f"case when {ATTRIBUTE.format('c.oid', -1)} = a.xmin::text::bigint "
        "then a.xmin::text::bigint end",
        "pg_attribute[-1]",
        owner="c.relowner",
    ),
    "constraint": _own("pg_constraint", "k"),
    "index": Witness(
        "pg_class",
        "c.oid",
        XID.format("c"),
        "(select b.xmin::text::bigint from pg_catalog.pg_index as b where b.indexrelid = c.oid)",
        "pg_index",
        owner="c.relowner",
    ),
    "view": Witness(
        VIEW.catalog,
        VIEW.oid,
        VIEW.touched,
        VIEW.born,
        VIEW.born_row,
        (RETURN_RULE, "pg_rewrite"),
        VIEW.owner,
    ),
    "materialized_view": TABLE,
    "sequence": Witness(
        "pg_class",
        SEQUENCE[1],
        SEQUENCE[0],
        ATTRIBUTE.format("s.seqrelid", -1),
        "pg_attribute[-1]",
        owner=SEQUENCE[2],
    ),
    "function": Witness(
        "pg_proc",
        "p.oid",
        XID.format("p"),
        OWNER_ROW,
        "pg_shdepend",
        owner="p.proowner",
    ),
    "trigger": _own("pg_trigger", "t", "c.relowner"),
    "event_trigger": _own("pg_event_trigger", "e", "e.evtowner"),
    "rule": _own("pg_rewrite", "r", "c.relowner"),
    "publication": Witness(
        "pg_publication",
        "p.oid",
        XID.format("p"),
        also=(LATEST.format("pg_publication_rel", "prpubid", "p.oid"), "pg_publication_rel"),
        owner="p.pubowner",
    ),
    "cast": _own("pg_cast", "c"),
    "operator": _own("pg_operator", "o", "o.oprowner"),
    "statistics": _own("pg_statistic_ext", "s", "s.stxowner"),
    "enum": Witness(
        "pg_type",
        "t.oid",
        XID.format("t"),
        also=(LATEST.format("pg_enum", "enumtypid", "t.oid"), "pg_enum"),
        owner="t.typowner",
    ),
    "domain": _own("pg_type", "t", "t.typowner"),
    "composite_type": Witness(
        "pg_type",
        "t.oid",
        XID.format("t"),
        also=(LATEST.format("pg_attribute", "attrelid", "t.typrelid"), "pg_attribute"),
        owner="t.typowner",
    ),
    "range_type": _own("pg_type", "t", "t.typowner"),
    "base_type": _own("pg_type", "t", "t.typowner"),
    "collation": _own("pg_collation", "c", "c.collowner"),
    "foreign_data_wrapper": _own("pg_foreign_data_wrapper", "f", "f.fdwowner"),
    "foreign_server": _own("pg_foreign_server", "s", "s.srvowner"),
    "policy": _own("pg_policy", "p", "c.relowner"),
    "default_privilege": _own("pg_default_acl", "d", "d.defaclrole"),
    "language": _own("pg_language", "l", "l.lanowner"),
    "transform": _own("pg_transform", "t"),
    "access_method": _own("pg_am", "a"),
    "operator_family": _own("pg_opfamily", "o", "o.opfowner"),
    "operator_class": _own("pg_opclass", "o", "o.opcowner"),
    "conversion": _own("pg_conversion", "c", "c.conowner"),
    "text_search_configuration": Witness(
        "pg_ts_config",
        "t.oid",
        XID.format("t"),
        also=(LATEST.format("pg_ts_config_map", "mapcfg", "t.oid"), "pg_ts_config_map"),
        owner="t.cfgowner",
    ),
    "text_search_dictionary": _own("pg_ts_dict", "t", "t.dictowner"),
    "text_search_parser": _own("pg_ts_parser", "t"),
    "text_search_template": _own("pg_ts_template", "t"),
    "comment": Witness("pg_description", "d.objoid", XID.format("d")),
}
# Entries of another object's row: they are dated by that row, and by nothing of their own.
HELD = frozenset({"privilege", "owner"})
# Rows of two catalogs, or of one whose transaction ids nobody but a superuser may read; and what
# is of the cluster, whose other databases change it as well.
UNDATED = frozenset(
    "security_label subscription user_mapping initial_privilege extension_dependency".split()
) | {kind.name for kind in CLUSTER}


def build_witness_query(kind: str, version_num: int) -> str:
    """Return the query for the witnesses of one kind.

    Its columns are those of the exhibit ``witness`` up to ``touched_row``.
    """
    one = WITNESSES[kind]
    query = load_query(kind, version_num).rstrip().rstrip(";")
    also, also_row = one.also
    shown = [one.oid, one.owner or "null::oid", one.born or "null::bigint", one.touched]
    shown.append(also or "null::bigint")
    if "\ngroup by" in query:
        shown = [f"pg_catalog.max({expression})" for expression in shown]
    names = ("w_oid", "w_owner", "w_born", "w_own", "w_also")
    added = "".join(
        f",\n    {expression} as {name}" for expression, name in zip(shown, names, strict=True)
    )
    query = re.sub(r"\nfrom ", lambda found: f"{added}{found[0]}", query, count=1)
    key = ", ".join(f'q."{column}"' for column in KINDS[kind].key)
    return QUERY.format(kind=kind, key=key, one=one, also_row=also_row, query=query)
