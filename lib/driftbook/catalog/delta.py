"""The queries that find what changed in the catalogs, and read only that again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from driftbook.catalog.reader import load_query

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kind → the OID, in its query, by which a row is found again.
OWNERS: Mapping[str, str] = {
    "schema": "n.oid",
    "extension": "e.oid",
    "table": "c.oid",
    "column": "c.oid",
    "constraint": "k.oid",
    "index": "c.oid",
    "view": "c.oid",
    "materialized_view": "c.oid",
    "sequence": "s.seqrelid",
    "function": "p.oid",
    "trigger": "t.oid",
    "event_trigger": "e.oid",
    "rule": "r.oid",
    "publication": "p.oid",
    "cast": "c.oid",
    "operator": "o.oid",
    "statistics": "s.oid",
    "enum": "t.oid",
    "domain": "t.oid",
    "composite_type": "t.oid",
    "range_type": "t.oid",
    "base_type": "t.oid",
    "collation": "c.oid",
    "foreign_data_wrapper": "f.oid",
    "foreign_server": "s.oid",
    "policy": "p.oid",
    "privilege": "g.oid",
    "default_privilege": "d.oid",
    "owner": "o.oid",
    "comment": "d.objoid",
}
FIRST_OID = 16384  # what is older came with the server
PUBLIC = 2200  # but the schema public can be changed


@dataclass(frozen=True, slots=True)
class Watched:
    """A catalog: what tells its rows apart, and the objects that a changed row speaks of."""

    catalog: str
    identity: str
    owners: str  # OIDs, with commas
    own: str = "oid"  # the OID that tells whether a row came with the server
    since: int = 0


OF_COLUMN = "(select reltype from pg_catalog.pg_class as c where c.oid = attrelid)"
OF_SEQUENCE = (
    "(select min(refobjid) from pg_catalog.pg_depend as d where d.objid = seqrelid "
    "and d.deptype in ('a', 'i'))"
)
WATCHED = (
    Watched("pg_class", "oid", "oid, reltype"),
    Watched("pg_attribute", "attrelid || '.' || attnum", f"attrelid, {OF_COLUMN}", "attrelid"),
    Watched("pg_attrdef", "oid", "adrelid"),
    Watched("pg_constraint", "oid", "oid, conrelid, contypid, conindid"),
    Watched("pg_index", "indexrelid", "indexrelid, indrelid", "indexrelid"),
    Watched("pg_inherits", "inhrelid || '.' || inhparent", "inhrelid, inhparent", "inhrelid"),
    Watched("pg_partitioned_table", "partrelid", "partrelid", "partrelid"),
    Watched("pg_foreign_table", "ftrelid", "ftrelid", "ftrelid"),
    Watched("pg_sequence", "seqrelid", f"seqrelid, {OF_SEQUENCE}", "seqrelid"),
    Watched("pg_policy", "oid", "oid, polrelid"),
    Watched("pg_trigger", "oid", "oid, tgrelid, tgconstraint, tgparentid"),
    Watched("pg_rewrite", "oid", "oid, ev_class"),
    Watched("pg_statistic_ext", "oid", "oid, stxrelid"),
    Watched("pg_proc", "oid", "oid"),
    Watched("pg_aggregate", "aggfnoid::oid", "aggfnoid", "aggfnoid"),
    Watched("pg_type", "oid", "oid"),
    Watched("pg_enum", "oid", "enumtypid"),
    Watched("pg_range", "rngtypid", "rngtypid", "rngtypid"),
    Watched("pg_namespace", "oid", "oid"),
    Watched("pg_description", "classoid || '.' || objoid || '.' || objsubid", "objoid", "objoid"),
    Watched("pg_default_acl", "oid", "oid"),
    Watched("pg_extension", "oid", "oid"),
    Watched("pg_publication", "oid", "oid"),
    Watched("pg_publication_rel", "oid", "prpubid"),
    Watched("pg_publication_namespace", "oid", "pnpubid", since=150_000),
    Watched("pg_cast", "oid", "oid"),
    Watched("pg_operator", "oid", "oid"),
    Watched("pg_collation", "oid", "oid"),
    Watched("pg_foreign_data_wrapper", "oid", "oid"),
    Watched("pg_foreign_server", "oid", "oid"),
    Watched("pg_event_trigger", "oid", "oid"),
)
CHANGES = """
select '{one.catalog}', count(*), coalesce(json_agg(json_build_array(
    ({one.identity})::text, array[{one.owners}]::oid[]::bigint[]
)) filter (where pg_catalog.age(xmin) <= pg_catalog.age(%(since)s::text::xid)), '[]'),
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text
from pg_catalog.{one.catalog} where {ours}"""
LIST = "select ({one.identity})::text from pg_catalog.{one.catalog} where {ours}"
NAMED = re.compile(r"pg_catalog\.(pg_\w+)")


@cache
def build_change_query(version_num: int) -> str:
    """Return the query for what is new since a transaction id: catalog, rows, new ones."""
    return "\nunion all\n".join(
        CHANGES.format(one=one, ours=_is_ours(one)) for one in WATCHED if one.since <= version_num
    )


def _is_ours(one: Watched) -> str:
    return f"({one.own} >= {FIRST_OID} or {one.own} = {PUBLIC})"


@cache
def build_list_query(catalog: str) -> str:
    """Return the query for the identities of all rows of one catalog."""
    (one,) = (each for each in WATCHED if each.catalog == catalog)
    return LIST.format(one=one, ours=_is_ours(one))


@cache
def build_kind_query(kind: str, version_num: int, *, narrow: bool) -> str:
    """Return the query of a frame with the owner of each row behind it.

    With ``narrow`` only rows of the owners in ``%(owners)s``.
    """
    query, owner = load_query(kind, version_num).rstrip().rstrip(";"), OWNERS[kind]
    if narrow:
        query = query.replace("%", "%%")
    shown = f"pg_catalog.min({owner})" if "\ngroup by" in query else owner
    query = re.sub(r"\nfrom ", lambda found: f",\n    {shown}{found[0]}", query, count=1)
    if not narrow:
        return query
    condition = f"{owner} = any(%(owners)s::oid[])"
    if "\nwhere\n" in query:
        return query.replace("\nwhere\n", f"\nwhere\n    {condition} and\n", 1)
    before = "\ngroup by" if "\ngroup by" in query else "\norder by"
    return query.replace(before, f"\nwhere {condition}{before}", 1)


@cache
def find_catalogs(kind: str, version_num: int) -> frozenset[str]:
    """Return the watched catalogs that the frame of ``kind`` is made from."""
    watched = {one.catalog for one in WATCHED}
    return frozenset(NAMED.findall(load_query(kind, version_num))) & watched
