create schema app;
create type app.mood as enum ('calm', 'busy');
create domain app.email as text check (value like '%@%');
