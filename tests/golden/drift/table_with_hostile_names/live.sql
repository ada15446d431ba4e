create table public."a.b""c
--; drop" ("select" int, "x y" text);
create index "in dex" on public."a.b""c
--; drop" ("x y");
comment on table public."a.b""c
--; drop" is '*/ $$ \ it''s';
