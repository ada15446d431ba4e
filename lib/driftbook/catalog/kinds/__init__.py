"""Every kind of object that a snapshot holds, with key, properties and their classes."""

from __future__ import annotations

from driftbook.catalog.kinds.about import ABOUT
from driftbook.catalog.kinds.behaviour import BEHAVIOURS
from driftbook.catalog.kinds.cluster import CLUSTER
from driftbook.catalog.kinds.extending import EXTENDING
from driftbook.catalog.kinds.platform import STORED
from driftbook.catalog.kinds.relations import RELATIONS
from driftbook.catalog.kinds.remote import REMOTES
from driftbook.catalog.kinds.search import SEARCH
from driftbook.catalog.kinds.types import TYPES
from driftbook.catalog.properties import Kind, Property

__all__ = ["DDL_LOG_FUNCTION", "DDL_LOG_TRIGGERS", "KINDS", "STORED_KINDS", "Kind", "Property"]

GROUPS = (RELATIONS, BEHAVIOURS, EXTENDING, TYPES, SEARCH, REMOTES, ABOUT, CLUSTER, STORED)
KINDS: dict[str, Kind] = {kind.name: kind for group in GROUPS for kind in group}
# Their objects are rows of tables; those of all others are in the catalogs of the server.
STORED_KINDS = frozenset(kind.name for kind in STORED)
# Those of the log of DDL events; no shadow has them, for only a superuser can make one.
DDL_LOG_TRIGGERS = frozenset({"driftbook_ddl_end", "driftbook_sql_drop"})
DDL_LOG_FUNCTION = "driftbook.record_ddl()"
