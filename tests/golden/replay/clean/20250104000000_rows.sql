insert into app.accounts (email) values ('a@example.org');
