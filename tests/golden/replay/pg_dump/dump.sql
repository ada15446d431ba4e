--
-- PostgreSQL database dump
--

\restrict 2fJc0vLkX

-- Dumped from database version 17.6
-- Dumped by pg_dump version 17.6

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA app;
ALTER SCHEMA app OWNER TO app_owner;
CREATE SCHEMA public;
ALTER SCHEMA public OWNER TO pg_database_owner;
COMMENT ON SCHEMA public IS 'standard public schema';
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'similarity';

SET default_tablespace = '';
SET default_table_access_method = heap;

CREATE TABLE app.orders (
    id bigint NOT NULL,
    body text
);
ALTER TABLE app.orders OWNER TO app_owner;
ALTER TABLE app.orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME app.orders_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1
);

COPY app.orders (id, body) FROM stdin;
1	it's; here
2	\N
\.

ALTER TABLE ONLY app.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
CREATE TABLE public.free (id integer);
ALTER TABLE public.free OWNER TO app_owner;
GRANT SELECT,MAINTAIN ON TABLE app.orders TO reader;
GRANT MAINTAIN ON TABLE app.orders TO reader;
ALTER DEFAULT PRIVILEGES FOR ROLE app_owner IN SCHEMA app GRANT SELECT ON TABLES TO reader;

--
-- PostgreSQL database dump complete
--

\unrestrict 2fJc0vLkX

