-- ${no_code} is a comment
select '${no_code}';
create table "${schema}".never (id int);
