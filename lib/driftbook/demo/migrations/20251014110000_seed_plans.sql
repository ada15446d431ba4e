-- seed_plans: the plans of the price list of autumn 2025.
-- Safe to run twice.

insert into public.plans (code, name, monthly_price, max_members)
values
    ('starter', 'Starter', 19.00, 5),
    ('team', 'Team', 79.00, 25),
    ('business', 'Business', 249.00, null)
on conflict (code) do update
    set name = excluded.name,
        monthly_price = excluded.monthly_price,
        max_members = excluded.max_members;
