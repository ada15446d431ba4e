-- Tables that no migration creates: each made by one call of exec_sql, as the scripts did.
-- Run as service_role, one call per transaction, in this order.

-- 2026-01-13, feature flags, wanted for a customer call

select public.exec_sql($ddl$
    create table public.feature_flags (
        id uuid primary key default gen_random_uuid(),
        key text not null unique,
        description text,
        enabled boolean default false,
        created_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.feature_flag_overrides (
        id uuid primary key default gen_random_uuid(),
        flag_id uuid references public.feature_flags (id),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        enabled boolean not null,
        created_at timestamptz default now()
    );
    alter table public.feature_flag_overrides enable row level security;
    create policy feature_flag_overrides_tenant on public.feature_flag_overrides
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
$ddl$);

select public.exec_sql($ddl$
    create table public.feature_flag_events (
        id bigserial primary key,
        flag_id uuid,
        changed_by uuid,
        old_value boolean,
        new_value boolean,
        created_at timestamptz default now()
    );
    create index on public.feature_flag_events (flag_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.experiments (
        id uuid primary key default gen_random_uuid(),
        name text not null,
        variants jsonb default '[]',
        started_at timestamptz,
        ended_at timestamptz
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.experiment_assignments (
        experiment_id uuid references public.experiments (id),
        user_id uuid,
        variant text,
        primary key (experiment_id, user_id)
    );
$ddl$);

-- 2026-01-15, the CRM module

select public.exec_sql($ddl$
    create table public.crm_accounts (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        name text not null,
        domain text,
        employees int,
        annual_revenue numeric,
        created_at timestamptz default now()
    );
    alter table public.crm_accounts enable row level security;
    create policy crm_accounts_tenant on public.crm_accounts
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
    create index on public.crm_accounts (name);
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_contacts (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        account_id uuid references public.crm_accounts (id),
        full_name text,
        email text,
        phone text,
        created_at timestamptz default now()
    );
    alter table public.crm_contacts enable row level security;
    create policy crm_contacts_tenant on public.crm_contacts
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
    create index on public.crm_contacts (email);
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_pipelines (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        name text not null,
        is_default boolean default false
    );
    alter table public.crm_pipelines enable row level security;
    create policy crm_pipelines_tenant on public.crm_pipelines
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_deal_stages (
        id uuid primary key default gen_random_uuid(),
        pipeline_id uuid references public.crm_pipelines (id) on delete cascade,
        name text not null,
        position int default 0,
        win_probability numeric(5, 2)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_deals (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        account_id uuid references public.crm_accounts (id),
        stage_id uuid references public.crm_deal_stages (id),
        title text not null,
        amount numeric,
        closes_on date,
        created_at timestamptz default now()
    );
    alter table public.crm_deals enable row level security;
    create policy crm_deals_tenant on public.crm_deals
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
    create index on public.crm_deals (stage_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_activities (
        id bigserial primary key,
        tenant_id uuid,
        deal_id uuid references public.crm_deals (id),
        kind text,
        happened_at timestamptz default now(),
        details jsonb
    );
    create index on public.crm_activities (deal_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_notes (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        contact_id uuid references public.crm_contacts (id),
        body text,
        author uuid,
        created_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_lead_sources (
        code text primary key,
        label text not null,
        cost_per_lead numeric
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.crm_import_batches (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        file_name text,
        row_count int,
        status text default 'new',
        created_at timestamptz default now()
    );
    alter table public.crm_import_batches enable row level security;
$ddl$);

-- 2026-01-17, before a repair of customer data

select public.exec_sql($ddl$
    create table public.customers_backup_20260117 as select * from public.customers;
$ddl$);

select public.exec_sql($ddl$
    create table public.tmp_customer_duplicates (
        keep_id uuid,
        drop_id uuid,
        score real
    );
$ddl$);

-- 2026-01-19, billing, second version

select public.exec_sql($ddl$
    create table public.billing_accounts (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        external_id text unique,
        currency text default 'EUR',
        balance numeric default 0,
        created_at timestamptz default now()
    );
    alter table public.billing_accounts enable row level security;
    create policy billing_accounts_tenant on public.billing_accounts
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_addresses (
        id uuid primary key default gen_random_uuid(),
        account_id uuid references public.billing_accounts (id),
        line1 text,
        line2 text,
        city text,
        country char(2)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_coupons (
        code text primary key,
        percent_off numeric(5, 2),
        valid_until date,
        max_redemptions int
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_coupon_redemptions (
        id bigserial primary key,
        coupon_code text references public.billing_coupons (code),
        tenant_id uuid,
        redeemed_at timestamptz default now()
    );
    create index on public.billing_coupon_redemptions (coupon_code);
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_dunning_runs (
        id uuid primary key default gen_random_uuid(),
        started_at timestamptz default now(),
        finished_at timestamptz,
        invoices int default 0
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_dunning_steps (
        id bigserial primary key,
        run_id uuid references public.billing_dunning_runs (id),
        invoice_id uuid references public.invoices (id),
        level int,
        sent_at timestamptz
    );
    create index on public.billing_dunning_steps (invoice_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_postings (
        id bigserial primary key,
        tenant_id uuid,
        account_id uuid references public.billing_accounts (id),
        amount numeric not null,
        booked_on date default current_date,
        text text
    );
    create index on public.billing_postings (account_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_tax_rates (
        country char(2),
        rate numeric(5, 4) not null,
        valid_from date not null,
        primary key (country, valid_from)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_usage_counters (
        tenant_id uuid,
        metric text,
        day date,
        value bigint default 0,
        primary key (tenant_id, metric, day)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.billing_disputes (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        payment_id uuid references public.payments (id),
        reason text,
        evidence jsonb,
        status text default 'open',
        created_at timestamptz default now()
    );
    alter table public.billing_disputes enable row level security;
$ddl$);

-- 2026-01-21, the assistant

select public.exec_sql($ddl$
    create table public.ai_conversations (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        user_id uuid,
        title text,
        created_at timestamptz default now()
    );
    alter table public.ai_conversations enable row level security;
    create policy ai_conversations_tenant on public.ai_conversations
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
    create index on public.ai_conversations (user_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_messages (
        id bigint generated always as identity primary key,
        conversation_id uuid references public.ai_conversations (id) on delete cascade,
        role text,
        content text,
        tokens int,
        created_at timestamptz default now()
    );
    create index on public.ai_messages (conversation_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_prompts (
        id uuid primary key default gen_random_uuid(),
        name text not null unique,
        active_version int
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_prompt_versions (
        prompt_id uuid references public.ai_prompts (id),
        version int,
        body text not null,
        primary key (prompt_id, version)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_runs (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        conversation_id uuid,
        model text,
        input_tokens int,
        output_tokens int,
        cost numeric,
        created_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_run_steps (
        id bigserial primary key,
        run_id uuid references public.ai_runs (id),
        tool text,
        arguments jsonb,
        result jsonb,
        took interval
    );
    create index on public.ai_run_steps (run_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_feedback (
        id bigserial primary key,
        message_id bigint references public.ai_messages (id),
        rating smallint check (rating between -1 and 1),
        comment text,
        created_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_documents (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        source_path text,
        checksum text,
        status text default 'pending',
        created_at timestamptz default now()
    );
    alter table public.ai_documents enable row level security;
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_document_chunks (
        id bigserial primary key,
        document_id uuid references public.ai_documents (id) on delete cascade,
        position int,
        content text,
        embedding real[]
    );
    create index on public.ai_document_chunks (document_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.ai_model_prices (
        model text primary key,
        input_price numeric,
        output_price numeric,
        updated_at timestamptz default now()
    );
$ddl$);

-- 2026-01-23, analytics

select public.exec_sql($ddl$
    create table public.analytics_events (
        id bigserial primary key,
        tenant_id uuid,
        user_id uuid,
        name text not null,
        properties jsonb default '{}',
        occurred_at timestamptz default now()
    );
    create index on public.analytics_events (tenant_id, occurred_at);
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_sessions (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        user_id uuid,
        started_at timestamptz,
        ended_at timestamptz,
        user_agent text,
        ip inet
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_daily_totals (
        day date,
        tenant_id uuid,
        metric text,
        value numeric,
        primary key (day, tenant_id, metric)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_funnels (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        name text,
        definition jsonb
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_funnel_steps (
        funnel_id uuid references public.analytics_funnels (id),
        position int,
        event_name text,
        primary key (funnel_id, position)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_dashboards (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        title text,
        layout jsonb,
        created_at timestamptz default now()
    );
    alter table public.analytics_dashboards enable row level security;
    create policy analytics_dashboards_tenant on public.analytics_dashboards
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_widgets (
        id uuid primary key default gen_random_uuid(),
        dashboard_id uuid references public.analytics_dashboards (id) on delete cascade,
        kind text,
        query text,
        position int
    );
    create index on public.analytics_widgets (dashboard_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.analytics_exports (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        requested_by uuid,
        format text,
        url text,
        expires_at timestamptz
    );
$ddl$);

-- 2026-01-24, mail

select public.exec_sql($ddl$
    create table public.email_templates (
        id uuid primary key default gen_random_uuid(),
        slug text unique,
        subject text,
        html text,
        locale text default 'en'
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.email_messages (
        id bigserial primary key,
        tenant_id uuid,
        template_id uuid references public.email_templates (id),
        recipient text not null,
        status text default 'queued',
        sent_at timestamptz,
        created_at timestamptz default now()
    );
    create index on public.email_messages (status);
$ddl$);

select public.exec_sql($ddl$
    create table public.email_bounces (
        id bigserial primary key,
        message_id bigint references public.email_messages (id),
        code text,
        diagnostic text,
        bounced_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.email_suppressions (
        address text primary key,
        reason text,
        created_at timestamptz default now()
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.email_campaigns (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid not null references public.tenants (id) on delete cascade,
        name text,
        scheduled_for timestamptz,
        status text default 'draft'
    );
    alter table public.email_campaigns enable row level security;
    create policy email_campaigns_tenant on public.email_campaigns
        for all to authenticated
        using (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid)
        with check (tenant_id = ((select auth.jwt()) ->> 'tenant_id')::uuid);
$ddl$);

select public.exec_sql($ddl$
    create table public.email_campaign_recipients (
        campaign_id uuid references public.email_campaigns (id),
        address text,
        opened_at timestamptz,
        clicked_at timestamptz,
        primary key (campaign_id, address)
    );
$ddl$);

-- 2026-01-26, onboarding, import and synchronisation

select public.exec_sql($ddl$
    create table public.onboarding_checklists (
        id uuid primary key default gen_random_uuid(),
        name text,
        audience text
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.onboarding_steps (
        id uuid primary key default gen_random_uuid(),
        checklist_id uuid references public.onboarding_checklists (id),
        title text,
        help_url text,
        position int
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.onboarding_progress (
        step_id uuid references public.onboarding_steps (id),
        user_id uuid,
        done_at timestamptz default now(),
        primary key (step_id, user_id)
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.import_files (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        name text,
        storage_path text,
        uploaded_at timestamptz default now()
    );
    alter table public.import_files enable row level security;
$ddl$);

select public.exec_sql($ddl$
    create table public.import_rows (
        id bigserial primary key,
        file_id uuid references public.import_files (id) on delete cascade,
        line int,
        data jsonb,
        error text
    );
    create index on public.import_rows (file_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.sync_jobs (
        id uuid primary key default gen_random_uuid(),
        tenant_id uuid,
        provider text,
        state text default 'idle',
        last_run_at timestamptz
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.sync_job_errors (
        id bigserial primary key,
        job_id uuid references public.sync_jobs (id),
        message text,
        occurred_at timestamptz default now()
    );
    create index on public.sync_job_errors (job_id);
$ddl$);

select public.exec_sql($ddl$
    create table public.sync_cursors (
        provider text,
        tenant_id uuid,
        cursor text,
        primary key (provider, tenant_id)
    );
$ddl$);

-- 2026-01-29, small things

select public.exec_sql($ddl$
    create table public.public_links (
        token text primary key,
        tenant_id uuid,
        target text not null,
        expires_at timestamptz
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.login_attempts (
        id bigserial primary key,
        email text,
        ip inet,
        succeeded boolean,
        attempted_at timestamptz default now()
    );
    create index on public.login_attempts (email);
$ddl$);

select public.exec_sql($ddl$
    create table public.user_preferences (
        user_id uuid primary key references public.profiles (id) on delete cascade,
        theme text default 'light',
        settings jsonb default '{}'
    );
$ddl$);

select public.exec_sql($ddl$
    create table public.changelog_entries (
        id bigint generated always as identity primary key,
        title text,
        body text,
        published_at timestamptz
    );
$ddl$);
