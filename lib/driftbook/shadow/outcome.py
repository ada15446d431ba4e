"""The expected schema: a snapshot in which stand-ins look like what they stand for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.reader import read_snapshot
from driftbook.catalog.snapshot import Snapshot, build_frame
from driftbook.postgres.connect import connect_audit
from driftbook.shadow.extensions import How
from driftbook.shadow.prepare import AUDITOR
from driftbook.shadow.scan import find_block_extensions
from driftbook.sqltext import mask_comments

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftbook.postgres.server import ShadowServer
    from driftbook.shadow.extensions import Provision
    from driftbook.shadow.prepare import Prepared
    from driftbook.shadow.script import Script


def take_snapshot(server: ShadowServer, database: str, source: str) -> Snapshot:
    """Read ``database`` with the rights and the session that read a target."""
    now = datetime.now(UTC).replace(microsecond=0)
    with connect_audit(server.dsn(database, AUDITOR), label="the shadow") as session:
        return read_snapshot(session, source=source, captured_at=now)


class ExtensionLog:
    """Which extensions exist after the files, by what they say and not by what we made."""

    def __init__(self, prepared: Prepared) -> None:
        self._provisions: Mapping[str, Provision] = prepared.provisions
        self._schemas: dict[str, str] = {}  # of those that the files, or the platform, have
        for item in self._provisions.values():
            if item.preinstalled:
                self._schemas[item.name] = item.schema

    def apply(self, script: Script) -> None:
        """Follow the statements of a file that was applied."""
        for shape in script.shapes:
            name = shape.names[0] if shape.names else ""
            for need in find_block_extensions(mask_comments(shape.body)):
                item = self._provisions.get(need.name)
                self._schemas.setdefault(need.name, _find_schema(item, need.schema))
            if shape.kind == "extension-create":
                item = self._provisions.get(name)
                self._schemas.setdefault(name, _find_schema(item, shape.schema))
            elif shape.kind == "extension-alter" and shape.schema and name in self._schemas:
                self._schemas[name] = shape.schema
            elif shape.kind == "extension-drop":
                for dropped in shape.names:
                    self._schemas.pop(dropped, None)

    def correct(self, snapshot: Snapshot, *, platform: bool = False) -> Snapshot:
        """Return ``snapshot`` with the extension rows that the files give.

        A row of ours that no file asks for leaves; a stand-in gets a row without a version.
        For the ``platform`` snapshot only what it has before the first file counts.
        """
        kind = KINDS["extension"]
        columns = list(kind.dtypes)
        rows: list[tuple[object, ...]] = [
            tuple(row)
            for row in snapshot.frames["extension"].astype(object).itertuples(index=False)
            if not self._is_ours(str(row[0]))
        ]
        kept = {str(row[0]) for row in rows}
        named: Collection[str] = self._schemas
        if platform:
            named = [item.name for item in self._provisions.values() if item.preinstalled]
        for name in sorted(set(named) - kept):
            item = self._provisions.get(name)
            if item is None or item.how is How.INLINE:
                continue
            real = snapshot.row("extension", (name,)) if item.how is How.PREPARED else None
            known = dict(real or {})
            known["schema"] = self._schemas.get(name) or known.get("schema") or item.schema
            rows.append(tuple(name if each == "name" else known.get(each) for each in columns))
        rows.sort(key=lambda row: str(row[0]))
        return snapshot.with_frames({"extension": build_frame(rows, kind.dtypes)})

    def _is_ours(self, name: str) -> bool:
        item = self._provisions.get(name)
        return item is not None and item.how is not How.INLINE


def _find_schema(item: Provision | None, named: str) -> str:
    if item is None:
        return named or "public"
    home = item.stub.schema or item.stub.home if item.stub else ""
    return home or named or "public"
