create user mapping for public server s options (password 'hunter2');
