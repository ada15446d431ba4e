-- add_task_search_index: full text search over tasks.
-- Safe to run twice.

create index if not exists tasks_search_idx
    on public.tasks using gin (to_tsvector('simple'::regconfig, title || ' ' || body));
