create operator class public.mood_ops default for type public.mood using btree
    as function 1 public.mood_cmp(public.mood, public.mood);
comment on operator class public.mood_ops using btree is 'by feeling';
