update storage.buckets set public = true, file_size_limit = 1000000 where id = 'invoices';
update storage.buckets set allowed_mime_types = array['image/jpeg', 'image/png'] where id = 'avatars';
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values ('it''s "mine"', 'mine', true, 50, array['text/plain']);
update cron.job set schedule = '0 4 * * *', database = current_database();
select cron.schedule('hourly', '0 * * * *', 'vacuum');
update cron.job set database = current_database();
update vault.secrets set secret = 'second';
