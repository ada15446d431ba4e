select é;
