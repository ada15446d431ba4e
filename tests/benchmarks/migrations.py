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


WHOLE_TABLE = """\
create type public.state_{n} as enum ('open', 'paid', 'closed');
create table public.t_{n} (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    name text not null,
    state public.state_{n} not null default 'open',
    amount numeric(12, 2) not null default 0 check (amount >= 0),
    parent uuid references public.t_{parent} (id),
    created_at timestamptz not null default now(),
    updated_at timestamptz,
    note text,
    tags text[] not null default '{{}}',
    extra jsonb,
    position integer
);
create index t_{n}_tenant_idx on public.t_{n} (tenant_id, created_at);
create index t_{n}_state_idx on public.t_{n} (state) where state <> 'closed';
alter table public.t_{n} enable row level security;
create policy t_{n}_read on public.t_{n} for select to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
create policy t_{n}_write on public.t_{n} for insert to authenticated with check (amount >= 0);
create function public.touch_{n}() returns trigger language plpgsql set search_path = '' as $$
begin
    new.updated_at = now();
    return new;
end $$;
create trigger t_{n}_touch before update on public.t_{n}
    for each row execute function public.touch_{n}();
grant select, insert on public.t_{n} to authenticated;
grant select on public.t_{n} to anon;
grant all on public.t_{n} to service_role;
comment on table public.t_{n} is 'table {n}';
comment on column public.t_{n}.state is 'where it stands';
create view public.v_{n} as select id, name, state from public.t_{n} where note is not null;
"""


def write_tables(folder: Path, count: int) -> Path:
    """Write ``count`` files, each a table with everything that products hang on one."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        moment = FIRST + timedelta(hours=31 * n)
        text = WHOLE_TABLE.format(n=n, parent=max(0, n - 1))
        (folder / f"{moment:%Y%m%d%H%M%S}_table_{n}.sql").write_text(text, encoding="utf-8")
    return folder
