comment on table public.shops is
    'of ${company}';  -- ${no_code}
