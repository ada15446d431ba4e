select round(1.5::float8, 1);
