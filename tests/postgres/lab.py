"""A database whose history is known: ten migrations, and everything else that people do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.demo import move
from driftbook.demo.push import push_file
from driftbook.migrations.directory import read_directory
from driftbook.model import ObjectRef
from driftbook.postgres.connect import connect_plain
from driftbook.sqltext import split_cli

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import psycopg
    from psycopg.rows import TupleRow

    from driftbook.postgres.server import ShadowServer

OWNER = "postgres"
TABLE = "supabase_migrations.schema_migrations"
BLOCK = "do $$ begin {} exception when unique_violation then raise; end $$;"
FILES = {
    "m01": "create table accounts (id bigint primary key, name text);\n"
    "alter table accounts enable row level security;\n"
    "create policy accounts_read on accounts for select using (true);",
    "m02": "create table orders (id bigint primary key, account_id bigint references accounts);\n"
    "create index orders_account on orders (account_id);",
    "m03": "create function total(a int) returns int language sql as 'select a';\n"
    "create type state as enum ('new', 'done');",
    "m04": "create table manual_a (id bigint primary key);\ncreate table manual_b (id bigint);",
    "m05": "\n".join(
        BLOCK.format(f"create table block_{name} (id bigint primary key);") for name in "ab"
    ),
    "m06": "begin;\ncreate table controlled (id bigint primary key);\ncommit;",
    "m07": "alter table accounts add column email text;\n"
    "create or replace function total(a int) returns int language sql as 'select a + 1';\n"
    "grant select on orders to public;",
    "m08": "create table logs (id bigint);\ncreate view open_orders as select id from orders;\n"
    "create function touch() returns trigger language plpgsql as 'begin return new; end';\n"
    "create trigger logs_touch before insert on logs for each row execute function touch();",
    "m09": "create index concurrently logs_id on logs (id);",
    "m10": "create table latest (id bigint primary key, note text, old text);",
}
# Between two files: what people ran by hand, each line in a transaction of its own.
BY_HAND: Mapping[str, tuple[str, ...]] = {
    "m02": ("create table hand_a (id bigint primary key)",),
    "m03": (
        (
            "create function exec_sql(q text) returns void language plpgsql security definer "
            "as 'begin execute q; end'"
        ),
        "select exec_sql('create table via_rpc (id bigint primary key)')",
    ),
    "m07": (
        "alter table orders add column hand_note text",
        "create policy orders_hand on orders for select using (true)",
        "alter table orders enable row level security",
    ),
    "m10": (
        "create table hand_end (id bigint primary key)",
        "alter table latest drop column old",
    ),
}
RUN_BY_HAND = "m04"  # and recorded afterwards, without its SQL


@dataclass(frozen=True, slots=True)
class Answer:
    """What is true of one aspect of an object.

    Attributes:
        door: As ``classify.Door`` spells it.
        version: Of the file, where one did it.
        after: The file that was recorded last before it.
        before: The first one that was recorded after it.
    """

    door: str
    version: str = ""
    after: str = ""
    before: str = ""


def pushed(name: str) -> Answer:
    """Return the answer for what the push of a file did."""
    return Answer("pushed", name, *find_neighbours(name))


def by_hand(after: str, door: str = "out_of_band") -> Answer:
    """Return the answer for what somebody did after a file was recorded."""
    return Answer(door, "", after, find_neighbours(after)[1])


def find_neighbours(name: str) -> tuple[str, str]:
    """Return the files before and after one; empty where there is none."""
    names = ["", *FILES, ""]
    at = names.index(name)
    return names[at - 1], names[at + 1]


def ref(kind: str, *parts: str) -> ObjectRef:
    """Return an object of schema public."""
    return ObjectRef(kind, ("public", *parts))


M04 = Answer("manual_run", "m04", "m03", "m04")
# What is true: birth, last touch. ``None``: nothing can tell.
TRUTH: Mapping[ObjectRef, tuple[Answer | None, Answer | None]] = {
    ref("table", "accounts"): (pushed("m01"), pushed("m07")),
    ref("policy", "accounts", "accounts_read"): (pushed("m01"), pushed("m01")),
    ref("index", "accounts_pkey"): (pushed("m01"), pushed("m01")),
    ref("column", "accounts", "email"): (pushed("m07"), pushed("m07")),
    ref("table", "orders"): (pushed("m02"), by_hand("m07", "retouched")),
    ref("column", "orders", "id"): (pushed("m02"), pushed("m02")),
    ref("index", "orders_account"): (pushed("m02"), pushed("m02")),
    ref("constraint", "orders", "orders_account_id_fkey"): (pushed("m02"), pushed("m02")),
    ref("column", "orders", "hand_note"): (by_hand("m07"), by_hand("m07")),
    ref("policy", "orders", "orders_hand"): (by_hand("m07"), by_hand("m07")),
    ref("table", "hand_a"): (by_hand("m02"), by_hand("m02")),
    ref("function", "total(integer)"): (pushed("m03"), pushed("m07")),
    ref("enum", "state"): (pushed("m03"), pushed("m03")),
    ref("function", "exec_sql(text)"): (by_hand("m03"), by_hand("m03")),
    ref("table", "via_rpc"): (by_hand("m03"), by_hand("m03")),
    ref("table", "manual_a"): (M04, M04),
    ref("table", "manual_b"): (M04, M04),
    ref("table", "block_a"): (pushed("m05"), pushed("m05")),
    ref("table", "block_b"): (pushed("m05"), pushed("m05")),
    ref("table", "controlled"): (pushed("m06"), pushed("m06")),
    ref("table", "logs"): (pushed("m08"), pushed("m08")),
    ref("view", "open_orders"): (pushed("m08"), pushed("m08")),
    ref("trigger", "logs", "logs_touch"): (pushed("m08"), pushed("m08")),
    ref("index", "logs_id"): (pushed("m09"), pushed("m09")),
    ref("table", "latest"): (pushed("m10"), pushed("m10")),
    ref("table", "hand_end"): (by_hand("m10"), by_hand("m10")),
    ref("column", "latest", "old"): (None, by_hand("m10")),
}


@dataclass(frozen=True)
class Lab:
    """A server with the database of the story, and the files that most of it is from."""

    server: ShadowServer
    folder: Path
    database: str

    def open(self, database: str = "") -> psycopg.Connection[TupleRow]:
        """Return a session of the owner."""
        return connect_plain(self.server.dsn(database or self.database, OWNER))


def version_of(name: str) -> str:
    """Return the version of a file; empty for none."""
    return f"202501{name[1:]}000000" if name else ""


def write_files(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """Write the migrations directory."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{version_of(name)}_{name}.sql").write_text(text, encoding="utf-8")
    return folder


def make_database(server: ShadowServer) -> str:
    """Return an empty database with a tracking table, and its owner."""
    database = server.create_database()
    with server.superuser(database) as session:
        if OWNER not in server.roles():
            session.execute(f"create role {OWNER} login createrole")
        session.execute(f'alter database "{database}" owner to {OWNER}')
        session.execute(move.NEW_TABLE.read_bytes())
        session.execute(f"grant create on schema public to {OWNER}")
        session.execute(f"grant usage on schema supabase_migrations to {OWNER}")
        session.execute(f"grant all on {TABLE} to {OWNER}")
    server.set_password(OWNER)
    return database


def build_lab(server: ShadowServer, folder: Path) -> Lab:
    """Live through the story."""
    lab = Lab(server, write_files(folder), make_database(server))
    for file in read_directory(folder).files:
        name = file.name
        statements = [one.text for one in split_cli(FILES[name])]
        with lab.open() as session:
            if name == RUN_BY_HAND:
                run_each(session, statements)
                note = "insert into {} (version, name, statements) values (%s, %s, %s)"
                row = (file.version, name, ["-- applied manually"])
                session.execute(note.format(TABLE).encode(), row)
            else:
                push_file(session, file.version, name, statements)
        with lab.open() as session:
            run_each(session, BY_HAND.get(name, ()))
    return lab


def run_each(session: psycopg.Connection[TupleRow], statements: Iterable[str]) -> None:
    """Run statements, a transaction each."""
    for statement in statements:
        session.execute(statement.encode())


def key_of(ref: ObjectRef) -> str:
    """Return the key as frames hold it."""
    return json.dumps(list(ref.parts))
