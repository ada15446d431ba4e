-- create_documents: files of a project, kept in the storage bucket "documents".
-- Safe to run twice. RLS: by tenant_id; in the bucket the first folder is the tenant.

create table if not exists public.documents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null
        constraint documents_tenant_id_fkey references public.tenants (id) on delete cascade,
    project_id uuid
        constraint documents_project_id_fkey references public.projects (id) on delete set null,
    path text not null,
    title text not null,
    size_bytes bigint not null default 0,
    uploaded_by uuid
        constraint documents_uploaded_by_fkey references public.profiles (id) on delete set null,
    created_at timestamptz not null default now(),
    constraint documents_path_key unique (path),
    constraint documents_size_bytes_check check (size_bytes >= 0)
);

create index if not exists documents_project_id_idx on public.documents (project_id);

alter table public.documents enable row level security;

drop policy if exists documents_tenant on public.documents;
create policy documents_tenant on public.documents
    for all to authenticated
    using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
    with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);

insert into storage.buckets (id, name, public)
values ('documents', 'documents', false)
on conflict (id) do nothing;

drop policy if exists documents_read on storage.objects;
create policy documents_read on storage.objects
    for select to authenticated
    using (
        bucket_id = 'documents'
        and (storage.foldername(name))[1] = ((select auth.jwt()) ->> 'tenant_id')
    );

drop policy if exists documents_upload on storage.objects;
create policy documents_upload on storage.objects
    for insert to authenticated
    with check (
        bucket_id = 'documents'
        and (storage.foldername(name))[1] = ((select auth.jwt()) ->> 'tenant_id')
    );
