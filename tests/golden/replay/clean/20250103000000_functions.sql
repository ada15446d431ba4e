create function public.touch() returns trigger language plpgsql as $$
begin
  new.body := trim(new.body); return new;
end;
$$;
create trigger touch before insert on public.notes for each row execute function public.touch();
create view public.note_counts as select account_id, count(*) as notes from public.notes group by 1;
grant select on public.note_counts to anon;
comment on table public.notes is 'It''s a note; with a semicolon.';
