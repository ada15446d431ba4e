"""The catalogs that are watched: what each of their rows speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_OID = 16384  # what is older came with the server
PUBLIC = 2200  # but the schema public can be changed


@dataclass(frozen=True, slots=True)
class Watched:
    """A catalog, and what is read again when one of its rows is new or gone.

    Attributes:
        catalog: Its name.
        kinds: Kinds of the objects that a row speaks of; a mapping by the first character of
            ``sort``.
        identity: What tells its rows apart.
        owners: OIDs of these objects, with commas.
        own: The OID that tells whether a row came with the server; empty: any may change.
        sort: One character that tells apart rows of other kinds, then who owns the object and
            who holds what on it: only where that changed are owner and privileges read again.
        since: The first server that has it.
        view: What is read instead, whole, where the catalog is closed to the session.
        also: Rows that may change although they came with the server.
    """

    catalog: str
    kinds: str | Mapping[str, str]
    identity: str = "oid"
    owners: str = "oid"
    own: str = "oid"
    sort: str = "'-'"
    since: int = 0
    view: str = ""
    also: str = "false"

    @property
    def relation(self) -> str:
        """Return what its rows are read from."""
        return self.view or self.catalog

    @property
    def is_new(self) -> str:
        """Return what tells a row that was written since transaction ``$1``."""
        newer = "pg_catalog.age(x.xmin) <= (select pg_catalog.age($1::xid))"
        return "$1 is not null" if self.view else newer

    @property
    def is_ours(self) -> str:
        """Return what tells a row that may have changed since the server was made."""
        if not self.own:
            return "true"
        return f"(x.{self.own} >= {FIRST_OID} or x.{self.own} = {PUBLIC} or {self.also})"

    def find_kinds(self, sort: str) -> list[str]:
        """Return the kinds that a row of ``sort`` speaks of."""
        if isinstance(self.kinds, str):
            return self.kinds.split()
        return self.kinds.get(sort[:1], "").split()


RELATIONS = {
    **dict.fromkeys("rpf", "table"),
    "v": "view",
    "m": "materialized_view",
    "S": "sequence column",
    "i": "index",
    "I": "index",
    "c": "composite_type",
    "t": "table materialized_view",
}
COLUMNS = {
    **dict.fromkeys("rpf", "column"),
    "v": "view",
    "m": "materialized_view",
    "i": "index",
    "I": "index",
    "c": "composite_type",
}
TYPES = {
    "c": "composite_type",
    "e": "enum",
    "d": "domain",
    "r": "range_type",
    "b": "base_type",
    "p": "base_type",
}
REL_KIND = "(select relkind::text from pg_catalog.pg_class as c where c.oid = attrelid)"
OF_TYPE = "(select reltype from pg_catalog.pg_class as c where c.oid = attrelid)"
OF_TOAST = "(select p.oid from pg_catalog.pg_class as p where p.reltoastrelid = x.oid)"
OF_TABLE = (
    "typtype = 'c' and 'c' <> "
    "(select c.relkind from pg_catalog.pg_class as c where c.oid = typrelid)"
)
OF_SEQUENCE = (
    "(select min(refobjid) from pg_catalog.pg_depend as d where d.objid = {} "
    "and d.deptype in ('a', 'i'))"
)
MEMBER_OF = (
    "(select min(refobjid) from pg_catalog.pg_depend as d where d.objid = x.oid "
    "and d.refclassid = 'pg_catalog.pg_opclass'::pg_catalog.regclass)"
)
# A partition's copy of a foreign key has triggers of its own, and no row.
OF_ROOT = (
    "(with recursive up (oid, parent) as ("
    "select k.oid, k.conparentid from pg_catalog.pg_constraint as k where k.oid = tgconstraint "
    "union all select k.oid, k.conparentid from up "
    "inner join pg_catalog.pg_constraint as k on up.parent = k.oid"
    ") select up.oid from up where up.parent = 0)"
)
WATCHED = (
    Watched(
        "pg_class",
        RELATIONS,
        owners="oid, reltype, case relkind when 't' then "
        f"{OF_TOAST} when 'S' then {OF_SEQUENCE.format('x.oid')} end",
        sort="relkind::text || coalesce(relacl::text, '') || relowner",
    ),
    Watched(
        "pg_attribute",
        COLUMNS,
        "attrelid || '.' || attnum",
        f"attrelid, {OF_TYPE}",
        "attrelid",
        f"{REL_KIND} || coalesce(attacl::text, '')",
    ),
    Watched("pg_attrdef", "column view", owners="adrelid"),
    Watched(
        "pg_constraint",
        "constraint index column domain",
        owners="oid, conrelid, contypid, conindid",
    ),
    Watched("pg_index", "index", "indexrelid", "indexrelid, indrelid", "indexrelid"),
    Watched(
        "pg_inherits",
        "table column index constraint trigger",
        "inhrelid || '.' || inhparent",
        "inhrelid, inhparent",
        "inhrelid",
    ),
    Watched("pg_partitioned_table", "table", "partrelid", "partrelid", "partrelid"),
    Watched("pg_foreign_table", "table", "ftrelid", "ftrelid", "ftrelid"),
    Watched(
        "pg_sequence",
        "sequence column",
        "seqrelid",
        f"seqrelid, {OF_SEQUENCE.format('seqrelid')}",
        "seqrelid",
    ),
    Watched("pg_policy", "policy", owners="oid, polrelid"),
    Watched(
        "pg_trigger",
        "trigger constraint",
        owners=f"oid, tgrelid, tgconstraint, tgparentid, {OF_ROOT}",
    ),
    Watched("pg_rewrite", "rule view materialized_view", owners="oid, ev_class"),
    Watched("pg_statistic_ext", "statistics owner", owners="oid, stxrelid"),
    Watched("pg_proc", "function", sort="'-' || coalesce(proacl::text, '') || proowner"),
    Watched("pg_aggregate", "function", "aggfnoid::oid", "aggfnoid", "aggfnoid"),
    Watched(
        "pg_type",
        TYPES,
        sort=f"case when typcategory = 'A' or {OF_TABLE} then '' else typtype::text "
        "|| coalesce(typacl::text, '') || typowner end",
    ),
    Watched("pg_enum", "enum", owners="enumtypid"),
    Watched("pg_range", "range_type", "rngtypid", "rngtypid", "rngtypid"),
    Watched("pg_namespace", "schema", sort="'-' || coalesce(nspacl::text, '') || nspowner"),
    Watched(
        "pg_description",
        "comment",
        "classoid || '.' || objoid || '.' || objsubid",
        "objoid",
        "objoid",
        also="x.objoid = any(array(select e.oid from pg_catalog.pg_extension as e))",
    ),
    Watched(
        "pg_seclabel",
        "security_label",
        "classoid || '.' || objoid || '.' || objsubid || '.' || provider",
        "objoid",
        "objoid",
    ),
    Watched(
        "pg_shseclabel",
        "security_label",
        "classoid || '.' || objoid || '.' || provider",
        "objoid",
        "objoid",
    ),
    Watched("pg_default_acl", "default_privilege"),
    Watched("pg_parameter_acl", "privilege", since=150_000),
    Watched("pg_extension", "extension"),
    Watched("pg_publication", "publication owner"),
    Watched("pg_publication_rel", "publication", owners="prpubid"),
    Watched("pg_publication_namespace", "publication", owners="pnpubid", since=150_000),
    Watched("pg_cast", "cast"),
    Watched("pg_operator", "operator owner"),
    Watched("pg_collation", "collation owner"),
    Watched("pg_foreign_data_wrapper", "foreign_data_wrapper owner privilege"),
    Watched("pg_foreign_server", "foreign_server owner privilege"),
    Watched("pg_event_trigger", "event_trigger owner"),
    Watched("pg_user_mapping", "user_mapping", "umid", "umid", "umid", view="pg_user_mappings"),
    Watched(
        "pg_subscription",
        # The server leaves the comment of a dropped one behind.
        "subscription owner comment",
        "subid",
        "subid",
        "subid",
        view="pg_stat_subscription",
    ),
    Watched("pg_language", "language owner privilege", own=""),
    Watched("pg_transform", "transform"),
    Watched("pg_am", "access_method"),
    Watched("pg_opfamily", "operator_family owner"),
    Watched("pg_opclass", "operator_class owner"),
    Watched("pg_amop", "operator_family operator_class", owners=f"{MEMBER_OF}, amopfamily"),
    Watched("pg_amproc", "operator_family operator_class", owners=f"{MEMBER_OF}, amprocfamily"),
    Watched("pg_conversion", "conversion owner"),
    Watched("pg_ts_config", "text_search_configuration owner"),
    Watched(
        "pg_ts_config_map",
        "text_search_configuration",
        "mapcfg || '.' || maptokentype || '.' || mapseqno",
        "mapcfg",
        "mapcfg",
    ),
    Watched("pg_ts_dict", "text_search_dictionary owner"),
    Watched("pg_ts_parser", "text_search_parser"),
    Watched("pg_ts_template", "text_search_template"),
    Watched(
        "pg_database",
        "database owner privilege",
        own="",
        sort="'-' || coalesce(datacl::text, '') || datdba",
    ),
    Watched(
        "pg_db_role_setting",
        "database_setting",
        "setrole || '.' || setdatabase",
        "setrole, setdatabase, 1",
        "",
    ),
    # Passwords are in the catalog itself.
    Watched("pg_authid", "role", own="", view="pg_roles"),
    Watched(
        "pg_auth_members",
        "membership",
        "roleid || '.' || member || '.' || grantor",
        "roleid",
        "",
    ),
    Watched("pg_shdescription", "database role", "classoid || '.' || objoid", "objoid", "objoid"),
)
BY_CATALOG = {one.catalog: one for one in WATCHED}


@cache
def list_catalogs(version_num: int) -> tuple[str, ...]:
    """Return the watched catalogs of a server."""
    return tuple(one.catalog for one in WATCHED if one.since <= version_num)


@cache
def list_open_catalogs(version_num: int) -> tuple[str, ...]:
    """Return those whose rows everybody may read, transaction ids included."""
    return tuple(name for name in list_catalogs(version_num) if not BY_CATALOG[name].view)
