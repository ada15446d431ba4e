alter table public.notes add column tags text[];

-- A semicolon in a body ends no statement; a backslash in a text is a backslash.
create function public.count_tags(note public.notes) returns int
language plpgsql stable as $body$
begin
    return coalesce(array_length(note.tags, 1), 0);  -- 'quoted; not'
end;
$body$;
comment on function public.count_tags is 'it''s \n counted';