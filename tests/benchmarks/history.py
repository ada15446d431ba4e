"""Cost of a year of history: file size, recording, a year's drift, a past snapshot, verifying.

    python tests/benchmarks/history.py [DAYS]

One audit per day of a schema of 1,000 tables; every day about 1 % of the objects change.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame
from driftbook.config import Settings
from driftbook.history import Entry, Found, open_store, record_audit
from driftbook.history.keep import verify_store
from driftbook.history.read import read_audit, read_audits
from driftbook.history.store import FILE
from driftbook.model import Severity

TABLES = 1_000
DAILY = 0.01  # of all objects
START = datetime(2026, 1, 1, 2, 15, tzinfo=UTC)
ROLES = ("anon", "authenticated", "service_role")
TYPES = ("bigint", "text", "uuid", "timestamp with time zone", "jsonb", "numeric(12,2)", "boolean")
NOUNS = "order invoice customer parcel price review ticket event note team".split()

Rows = dict[str, dict[tuple[str, ...], dict[str, object]]]


def build_schema(random: Random) -> Rows:
    """Return kind → key → properties of a schema of 1,000 tables and all that belongs to them."""
    rows: Rows = {name: {} for name in KINDS}
    for number in range(TABLES):
        name = f"{NOUNS[number % 10]}_{number // 10}"
        rows["table"]["public", name] = {"kind": "table", "persistence": "p", "rls_enabled": True}
        rows["owner"]["table", "public", name] = {"role": "postgres"}
        for place in range(11):
            column = ("id", "created_at", "owner_id")[place] if place < 3 else f"field_{place}"
            rows["column"]["public", name, column] = {
                "type": random.choice(TYPES),
                "not_null": random.random() < 0.5,
                "default": random.choice((None, "now()", "''::text", "gen_random_uuid()")),
                "storage": "x",
                "position": place + 1,
            }
        for suffix, columns in (("pkey", "id"), ("owner_id_idx", "owner_id")):
            rows["index"]["public", f"{name}_{suffix}"] = {
                "table": f"public.{name}",
                "definition": f"CREATE INDEX {name}_{suffix} ON public.{name} ({columns})",
                "valid": True,
            }
        rows["constraint"]["public", name, f"{name}_pkey"] = {"definition": "PRIMARY KEY (id)"}
        rows["policy"]["public", name, "own rows"] = {"using": "(owner_id = auth.uid())"}
        for role in ROLES:
            for privilege in ("SELECT", "INSERT", "UPDATE"):
                key = ("table", "public", name, "", role, privilege)
                rows["privilege"][key] = {"grantable": False, "grantor": "postgres"}
    for number in range(300):
        rows["function"]["public", f"compute_{number}(bigint)"] = {
            "language": "plpgsql",
            "body": f"begin return {random.getrandbits(64)} * $1; end" * 4,
        }
    return rows


def change_some(rows: Rows, random: Random) -> None:
    """Alter, drop and add about 1 % of the objects."""
    everything = [(kind, key) for kind, of_kind in rows.items() for key in of_kind]
    for kind, key in random.sample(everything, int(len(everything) * DAILY)):
        properties = KINDS[kind].properties
        text = next((one.name for one in properties if one.dtype == "str"), "")
        if text and random.random() < 0.8:
            rows[kind][key] = {**rows[kind][key], text: f"value_{random.getrandbits(40):x}"}
        else:
            row = rows[kind].pop(key)
            rows[kind][*key[:-1], f"new_{random.getrandbits(40):x}"] = row


def build_snapshot(rows: Rows, at: datetime) -> Snapshot:
    frames = {}
    for name, kind in KINDS.items():
        cells = [
            [*key, *(row.get(entry.name) for entry in kind.properties)]
            for key, row in sorted(rows[name].items())
        ]
        frames[name] = build_frame(cells, kind.dtypes)
    return Snapshot("benchmark", at, 150018, frames, build_frame([], UNACCOUNTED))


def build_found(random: Random) -> tuple[Found, ...]:
    """Return about 60 findings, most of them those of yesterday."""
    severities = list(Severity)
    return tuple(
        Found(
            key=f"altered-object:table:public.t{number}",
            id=f"drift-{number:08x}",
            rule="altered-object",
            severity=severities[number % 4],
            kind="table",
            parts=("public", f"t{number}"),
            title=f"public.t{number}: row level security is off",
        )
        for number in range(70)
        if random.random() < 0.9
    )


def main(days: int) -> None:
    random = Random(20260101)  # noqa: S311 - not a secret
    live = build_schema(random)
    objects = sum(map(len, live.values()))
    files = build_snapshot(live, START)
    with tempfile.TemporaryDirectory() as state:
        os.environ["DRIFTBOOK_STATE"] = state
        settings = Settings(params=None, reports=str(state), targets={})
        store = open_store(settings)
        spent = []
        for day in range(days):
            at = START + timedelta(days=day)
            if day:
                change_some(live, random)
            if day % 7 == 6:  # the weekly release: the files say what live is
                files = build_snapshot(live, at)
            sides = files, build_snapshot(live, at)
            began = time.perf_counter()
            entry = Entry(
                "production",
                f"{at:%Y%m%dT%H%M%SZ}-0000",
                f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "fail",
                *sides,
                {"captured_at": at.isoformat(), "versions": [{"version": str(day)}]},
                build_found(random),
                lambda _spell: "",
            )
            record_audit(store, entry)
            spent.append(time.perf_counter() - began)
        size = sum(path.stat().st_size for path in Path(state).glob(f"{FILE}*"))
        print(f"{objects:,} objects, {days} audits")
        print(f"file                {size / 1e6:8.1f} MB")
        print(f"recording, first    {spent[0] * 1e3:8.0f} ms")
        print(f"recording, median   {sorted(spent)[days // 2] * 1e3:8.0f} ms")
        measure("drift of all audits", lambda: read_audits(store, "production"))
        measure("a past snapshot", lambda: read_audit(store, entry.audit_id))
        measure("verify", lambda: verify_store(store), runs=1)


def measure(label: str, call: object, runs: int = 5) -> None:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        call()  # type: ignore[operator]
        times.append(time.perf_counter() - began)
    print(f"{label:<19} {min(times) * 1e3:8.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
