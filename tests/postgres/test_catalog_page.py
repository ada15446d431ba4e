"""docs/catalog.md names every column of every catalog: a new one is decided on, not missed."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS

if TYPE_CHECKING:
    from driftbook.postgres.server import ShadowServer

PAGE = Path(__file__).parents[2] / "docs" / "catalog.md"
ROW = re.compile(r"\| `(pg_\w+)` \| ([\w ]+) \| (.+) \|")
WHOLE = "all"
QUERY = """
select c.relname::text, a.attname::text
from pg_catalog.pg_class as c
inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid
where
    c.relnamespace = 'pg_catalog'::regnamespace
    and c.relkind = 'r'
    and a.attnum > 0
    and not a.attisdropped
"""


def read_page() -> dict[str, list[str]]:
    """Return catalog → columns as the page names them, in its order."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for catalog, columns, _ in ROW.findall(PAGE.read_text(encoding="utf-8")):
        named[catalog] += columns.split()
    return dict(named)


def test_every_column_of_every_catalog_has_its_line(server: ShadowServer) -> None:
    named = read_page()
    with server.superuser("postgres") as session:
        found = session.execute(QUERY).fetchall()
    blind = [pair for pair in found if not {pair[1], WHOLE} & {*named.get(str(pair[0]), ())}]
    assert not blind


def test_no_column_has_two_lines() -> None:
    for catalog, columns in read_page().items():
        assert len(columns) == len(set(columns)), catalog
        assert WHOLE not in columns or columns == [WHOLE], catalog


def test_every_property_that_the_page_names_is_compared_and_every_compared_one_is_named() -> None:
    cells = " ".join(cell for _, _, cell in ROW.findall(PAGE.read_text(encoding="utf-8")))
    named = {tuple(one.split(".")) for one in re.findall(r"`(\w+\.\w+)`", cells)}
    compared = {(kind.name, one) for kind in KINDS.values() for one in kind.compared}
    of_tables = {(kind, name) for kind, name in compared if kind in STORED}
    assert named == compared - of_tables


STORED = {"storage_bucket", "cron_job", "vault_secret_name"}
