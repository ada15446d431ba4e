"""The queries that find what changed in the catalogs, and read only that again."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from driftbook.catalog.reader import load_query
from driftbook.catalog.watched import BY_CATALOG, list_catalogs

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
    "user_mapping": "u.umid",
    "subscription": "s.oid",
    "language": "l.oid",
    "transform": "t.oid",
    "access_method": "a.oid",
    "operator_family": "o.oid",
    "operator_class": "o.oid",
    "conversion": "c.oid",
    "text_search_configuration": "t.oid",
    "text_search_dictionary": "t.oid",
    "text_search_parser": "t.oid",
    "text_search_template": "t.oid",
    "policy": "p.oid",
    "privilege": "g.oid",
    "default_privilege": "d.oid",
    "initial_privilege": "b.oid",
    "owner": "o.oid",
    "comment": "o.oid",
    "security_label": "o.oid",
    "extension_dependency": "d.objid",
    "database": "d.oid",
    # Both are 0 for ALTER ROLE ALL, and 0 is nobody.
    "database_setting": "greatest(s.setrole, s.setdatabase, 1::oid)",
    "role": "r.oid",
    "membership": "a.roleid",
}
# What tells apart the objects of one owner; those of other kinds are alone, or have no name.
PLACES: Mapping[str, str] = {"column": "a.attnum"}
NAMELESS = frozenset(
    "privilege initial_privilege default_privilege owner comment security_label "
    "extension_dependency".split()
)
NARROW = re.compile(r"-- narrow: (\S+)")
WRITES = """
select c.relname, pg_catalog.pg_stat_get_tuples_inserted(c.oid)
    + pg_catalog.pg_stat_get_tuples_updated(c.oid)
    + pg_catalog.pg_stat_get_tuples_deleted(c.oid)
from pg_catalog.pg_class as c
where c.relnamespace = 'pg_catalog'::regnamespace and c.relname = any(array[{catalogs}])"""
CHANGES = """
select count(*), json_agg(json_build_array(
    ({one.identity})::text, array[{one.owners}]::oid[]::bigint[], ({one.sort})::text
)) filter (where {one.is_new}),
    pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text
from pg_catalog.{one.relation} as x where {one.is_ours}"""
LIST = "select ({one.identity})::text from pg_catalog.{one.relation} as x where {one.is_ours}"


@cache
def build_write_query(version_num: int) -> str:
    """Return the query for how many rows were ever written to each watched catalog."""
    names = ", ".join(f"'{catalog}'" for catalog in list_catalogs(version_num))
    return WRITES.format(catalogs=names)


@cache
def build_change_query(catalog: str) -> str:
    """Return the query for the rows of a catalog, and those new since transaction ``$1``."""
    return CHANGES.format(one=BY_CATALOG[catalog])


@cache
def build_list_query(catalog: str) -> str:
    """Return the query for the identities of all rows of one catalog."""
    return LIST.format(one=BY_CATALOG[catalog])


@cache
def build_kind_query(kind: str, version_num: int, *, narrow: bool) -> str:
    """Return the query of a frame with the owner of each row, and its place, behind it.

    With ``narrow`` only rows of the owners in ``$1``, an array of OIDs: where the query says so
    (``-- narrow: c.oid``), as it must inside of what is materialized, else in its last step.
    """
    query, owner = load_query(kind, version_num).rstrip().rstrip(";"), OWNERS[kind]
    shown = f"pg_catalog.min({owner})" if "\ngroup by" in query else owner
    added = f",\n    {shown}, {PLACES.get(kind, '0')}"
    query = re.sub(r"\nfrom ", lambda found: added + found[0], query, count=1)
    if not narrow:
        return query
    if NARROW.search(query):
        return NARROW.sub(r"\1 = any($1) and", query)
    condition = f"{owner} = any($1)"
    if "\nwhere\n" in query:
        return query.replace("\nwhere\n", f"\nwhere\n    {condition} and\n", 1)
    before = "\ngroup by" if "\ngroup by" in query else "\norder by"
    return query.replace(before, f"\nwhere {condition}{before}", 1)
