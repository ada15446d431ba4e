"""Migrations for benchmarks: a schema that grows as a team's does, the same every time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FIRST = datetime(2023, 1, 2, 9, 0, tzinfo=UTC)
TABLE = """\
create table if not exists public.t_{n} (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    name text not null,
    amount numeric(12, 2) not null default 0 check (amount >= 0),
    created_at timestamptz not null default now()
);
alter table public.t_{n} enable row level security;
create policy t_{n}_tenant on public.t_{n} for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
create index if not exists t_{n}_tenant_id_idx on public.t_{n} (tenant_id, created_at);
"""
COLUMN = """\
alter table public.t_{n} add column if not exists note_{m} text;
comment on column public.t_{n}.note_{m} is 'added by migration {m}';
"""
FUNCTION = """\
create or replace function public.f_{n}(wanted uuid) returns bigint
language sql stable set search_path = '' as $$
    select count(*) from public.t_{n} where tenant_id = wanted;
$$;
"""
INDEX = "create index if not exists t_{n}_name_{m}_idx on public.t_{n} (name, amount);\n"
ROWS = (
    "insert into public.t_{n} (tenant_id, name) "
    "values ('00000000-0000-0000-0000-000000000000', 'm');\n"
)
KINDS = (TABLE, COLUMN, FUNCTION, INDEX, COLUMN, ROWS)


def write_migrations(folder: Path, count: int) -> Path:
    """Write ``count`` files, one sixth of them new tables, and return ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for m in range(count):
        number, kind = divmod(m, len(KINDS))
        # Later files come back to older tables, as work on a product does.
        n = number if kind == 0 else number * 7 % (number + 1)
        moment = FIRST + timedelta(hours=31 * m)
        text = KINDS[kind].format(n=n, m=m)
        (folder / f"{moment:%Y%m%d%H%M%S}_step_{m}.sql").write_text(text, encoding="utf-8")
    return folder
