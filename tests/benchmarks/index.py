"""What an index over a year of nightly audits costs: python tests/benchmarks/index.py.

One target, three reports a night, 70 findings each with definitions of 1 kB.
"""

from __future__ import annotations

import json
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from driftbook.report.index import write_index
from driftbook.report.store import LocalStore

NIGHTS, FINDINGS = 365, 70
REPORTS = ("drift_audit", "tracking_audit", "migration_history")
FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)


def build_result(report: str, at: datetime) -> dict[str, object]:
    empty = dict.fromkeys(("rule", "group", "kind", "name", "title", "key"), "x")
    definitions = {"expected": "e" * 1000, "live": "l" * 1000, "severity": "high"}
    findings = [{**empty, **definitions, "id": f"drift-{number:08x}"} for number in range(FINDINGS)]
    return {
        "schema_version": 1,
        "report": report,
        "title": report,
        "verdict": "fail",
        "reason": "70 differences between the live database and 214 migration files.",
        "counts": {"high": FINDINGS},
        "target": {"name": "production", "every": "1d"},
        "audit_id": "x",
        "captured_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "findings": findings,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        for night in range(NIGHTS):
            at = FIRST + timedelta(days=night)
            for report in REPORTS:
                folder = Path(name, "production", f"{at:%Y%m%dT%H%M%SZ}-aaaa", report)
                folder.mkdir(parents=True)
                (folder / "report.html").touch()
                result = json.dumps(build_result(report, at))
                (folder / "result.json").write_text(result, encoding="utf-8")
        started = time.perf_counter()
        page = Path(write_index(LocalStore(Path(name))))
        seconds = time.perf_counter() - started
        print(f"{NIGHTS * len(REPORTS)} results, {seconds:.1f} s, {page.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
