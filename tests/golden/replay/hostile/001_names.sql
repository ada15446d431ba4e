create table public."a
b" (id int, "c""d" int);
create table public."</script><b>" (id int);
create table public."'; drop table x; --" (id int);
create table public."$$" ("‮gnp" int);
create table public."COPY x FROM stdin;" (id int);
comment on table public."$$" is '\restrict';
