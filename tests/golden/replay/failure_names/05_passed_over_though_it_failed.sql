update public.shapes set extra = 'x';
