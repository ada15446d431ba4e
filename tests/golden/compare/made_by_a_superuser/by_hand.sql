drop subscription feed;
alter table public.t alter words set not null;
create text search dictionary public.by_hand (template = simple);
