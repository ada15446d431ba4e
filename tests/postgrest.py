"""A small server that calls functions as PostgREST does, on loopback, for one database."""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "sb_secret_canary_5f0c"
STATUSES = {"42501": 403, "42883": 404, "57014": 500, "P0001": 400}
SIGNATURE = """
    select p.proretset, p.proargnames[1] from pg_catalog.pg_proc as p
    where p.pronamespace = 'public'::regnamespace and p.proname = %s
"""
# Functions as people write them, to run one SELECT for who may not connect.
GUARD = """
    if lower(trim(query)) not like 'select%' or query like '%;%' or query like '%--%' then
        raise exception 'only one SELECT is allowed';
    end if"""
FUNCTIONS = """
create function public.query_sql(query text) returns json language plpgsql
security definer set search_path = public as $$
declare result json; begin GUARD;
    execute 'select coalesce(json_agg(t), ''[]'') from (' || query || ') t' into result;
    return result;
end $$;
create function public.rows_sql(query text) returns setof json language plpgsql stable
security definer as $$
begin GUARD;
    return query execute 'select row_to_json(t) from (' || query || ') t';
end $$;
create function public.jsonb_sql(query text) returns jsonb language plpgsql
security definer as $$
declare result jsonb; begin GUARD;
    execute 'select jsonb_agg(to_jsonb(t)) from (' || query || ') t' into result;
    return jsonb_build_object('result', result, 'ok', true);
exception when others then
    return jsonb_build_object('error', sqlerrm, 'code', sqlstate);
end $$;
create function public.text_sql(query text) returns text language plpgsql as $$
declare result text; begin GUARD;
    execute query into result; return result;
end $$;
create function public.short_sql(query text) returns json language plpgsql
security definer as $$
declare result json; begin
    if length(query) > 30000 then
        raise exception 'canceling statement due to statement timeout' using errcode = '57014';
    end if;
    execute 'select json_agg(t) from (' || query || ') t' into result;
    return result;
end $$;
create function public.restless_sql(query text) returns json language plpgsql
security definer as $$
begin
    execute format('comment on function public.restless_sql is %L', clock_timestamp());
    return public.short_sql(query);
end $$;
""".replace("GUARD", GUARD)


@dataclass
class Served:
    """What a running server was asked, and where it is."""

    address: str
    bodies: list[dict[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def of(self, function: str) -> str:
        return f"{self.address}/rest/v1/rpc/{function}"


Answer = tuple[int, bytes, dict[str, str]]


@contextmanager
def serve(answer: Callable[[str, dict[str, str]], Answer]) -> Iterator[Served]:
    """Yield a server that gives ``answer`` to the path and body of each POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.bodies.append(body)
            served.keys.append(self.headers.get("apikey", ""))
            if self.headers.get("Authorization", "") != f"Bearer {served.keys[-1]}":
                served.keys.append("the headers differ")
            status, data, headers = answer(self.path, body)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Served(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serve_database(dsn: str, role: str, *, longest: int = 1_000_000) -> Iterator[Served]:
    """Yield a server that calls functions of ``dsn`` as ``role``, with bodies up to ``longest``."""

    def answer(path: str, body: dict[str, str]) -> Answer:
        if len(json.dumps(body)) > longest:
            return 413, b"<html>Request Entity Too Large</html>", {}
        try:
            with connection.transaction():
                connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                return _call(connection, path, body)
        except psycopg.Error as error:
            document = {
                "code": error.sqlstate,
                "message": error.diag.message_primary,
                "details": error.diag.message_detail,
                "hint": error.diag.message_hint,
            }
            return STATUSES.get(error.sqlstate or "", 400), json.dumps(document).encode(), {}

    with psycopg.connect(dsn, autocommit=True) as connection, serve(answer) as served:
        yield served


def _call(connection: psycopg.Connection, path: str, body: dict[str, str]) -> Answer:
    found = re.fullmatch(r"/rest/v1/rpc/(\w+)", path)
    name = found[1] if found else ""
    signature = connection.execute(SIGNATURE, (name,)).fetchone()
    if signature is None or [signature[1]] != list(body):
        message = f"Could not find the function public.{name}({', '.join(body)})"
        return 404, json.dumps({"code": "PGRST202", "message": message, "hint": None}).encode(), {}
    whole = (
        "coalesce(json_agg(c.pgrst_scalar), '[]')"
        if signature[0]
        else "json_agg(c.pgrst_scalar)->0"
    )
    query = sql.SQL(
        f"select {whole} from (select public.{{}}({{}} := %s) as pgrst_scalar) as c"  # noqa: S608 - a constant
    ).format(sql.Identifier(name), sql.Identifier(signature[1]))
    row = connection.execute(query, tuple(body.values())).fetchone()
    assert row is not None
    return 200, json.dumps(row[0]).encode(), {"Content-Type": "application/json"}
