select ('x' || 1)::int;
