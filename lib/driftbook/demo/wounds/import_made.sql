-- 2026-01-20: a helper of an import, made in the editor; nobody would have known of it later.
create table public.orders_import_20260120 (
    raw jsonb,
    tenant_id uuid,
    imported_at timestamptz default now()
);
