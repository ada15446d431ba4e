alter table inside.secrets disable row level security;
