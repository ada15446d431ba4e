"""Snapshots and facts as rows that are stored once: text redacted, compressed, addressed."""

from __future__ import annotations

import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftbook.catalog.kinds import KINDS
from driftbook.catalog.snapshot import UNACCOUNTED, Snapshot, build_frame, list_rows
from driftbook.catalog.unread import find_lacking, fit_rows
from driftbook.history.exhibits import list_exhibit_rows
from driftbook.keys import read_key
from driftbook.redact import find_secrets, redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from driftbook.catalog.kinds import Kind
    from driftbook.history.exhibits import Exhibits

Json = dict[str, object]

FACTS = "facts"
COLUMNS = "columns"  # those facts that say what each row of a side means
CHUNK = 64  # entries of a list in one row: a new last entry stores one row again
DIGEST_BYTES = 16  # of SHA-256; two texts of one digest take 2**64 tries
# What rows are full of. Part of the format: a byte changed here makes every store unreadable.
WORDS = (
    b'"CHECK ((a > 0))""FOREIGN KEY (a_id) REFERENCES public.a(id) ON DELETE CASCADE"'
    b'"(auth.uid() = user_id)""nextval(\'public.a_id_seq\'::regclass)""character varying"'
    b'"composite_type","domain","schema","sequence","function","view","anon","authenticated",'
    b'"service_role","PUBLIC","EXECUTE","USAGE","TRUNCATE","REFERENCES","TRIGGER","MAINTAIN",'
    b'"numeric(12,2)","jsonb","boolean","integer","timestamp with time zone",null,true,null,'
    b'"now()",null,"uuid",null,true,null,"gen_random_uuid()","text","PRIMARY KEY (id)"'
    b'["public","a_id_idx","a","CREATE INDEX a_id_idx ON public.a USING btree (user_id)",false,'
    b'true,false,false,null,null,null,false,null]["public","a_pkey","a","CREATE UNIQUE INDEX '
    b'a_pkey ON public.a USING btree (id)",true,true,false,false,null,null,null,true,"a_pkey"]'
    b'["table","public","a","","postgres","DELETE",false,"postgres",true]'
    b'["table","public","a","","anon","SELECT",false,"postgres",false]'
    b'["public","a","id","bigint",null,false,null,null,null,null,null,null,null,null,null,false,'
    b"true,null,null,null,null,null,1]"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One row to store.

    Attributes:
        kind: Of a catalog frame, or ``facts``.
        text: JSON, secrets redacted.
        seal: HMAC of the text before that; empty when nothing was redacted.
    """

    kind: str
    text: str
    seal: str = ""

    @property
    def digest(self) -> bytes:
        """Return its address: equal for equal rows, of any audit, side and target."""
        whole = f"{self.kind}\0{self.seal}\0{self.text}".encode()
        return hashlib.sha256(whole).digest()[:DIGEST_BYTES]


class Concealer:
    """Redacts rows under one key; what was looked at once is not searched again."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.clean: set[str] = set()

    def build_item(self, kind: str, value: Sequence[object]) -> Item:
        """Return ``value`` as a row without secrets."""
        text = json.dumps(value, separators=(",", ":"))
        if text in self.clean or not find_secrets("\n".join(_list_texts(value))):
            self.clean.add(text)
            return Item(kind, text)
        concealed = json.dumps(self._conceal(value), separators=(",", ":"))
        if concealed == text:
            return Item(kind, text)
        seal = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return Item(kind, concealed, seal)

    def _conceal(self, value: object) -> object:
        if isinstance(value, str):
            return redact(value, self.key)
        if isinstance(value, dict):
            return {key: self._conceal(entry) for key, entry in value.items()}
        if isinstance(value, list | tuple):
            return [self._conceal(entry) for entry in value]
        return value


def conceal_snapshot(snapshot: Snapshot) -> Snapshot:
    """Return ``snapshot`` as the store would give it back."""
    concealer = Concealer(read_key() or b"")
    frames = {}
    for name, frame in snapshot.frames.items():
        items = [concealer.build_item(name, row) for row in list_rows(frame)]
        if any(item.seal for item in items):
            dtypes = {str(column): str(dtype) for column, dtype in frame.dtypes.items()}
            frames[name] = build_frame([json.loads(item.text) for item in items], dtypes)
    return snapshot.with_frames(frames)


def list_snapshot_items(snapshot: Snapshot, concealer: Concealer) -> Iterator[Item]:
    """Yield one row per row of each frame."""
    for name, frame in snapshot.frames.items():
        for row in list_rows(frame):
            yield concealer.build_item(name, row)


def describe_snapshot(snapshot: Snapshot | None) -> Json | None:
    """Return what a snapshot is besides its frames' rows."""
    if snapshot is None:
        return None
    return {
        "source": snapshot.source,
        "captured_at": snapshot.captured_at.isoformat(),
        "version_num": snapshot.version_num,
        "columns": {name: list(frame.columns) for name, frame in snapshot.frames.items()},
        "unaccounted": list_rows(snapshot.unaccounted),
        "unread": dict(snapshot.unread),
    }


def build_snapshot(
    described: Json, captured_at: datetime, rows: Mapping[str, list[list[object]]]
) -> Snapshot:
    """Return the snapshot that was stored, secrets redacted, rows sorted by key.

    What the driftbook that stored it did not read is unread.
    """
    columns: dict[str, list[str]] = described["columns"]  # type: ignore[assignment]  # as described
    unread = find_lacking(columns) | described.get("unread", {})  # type: ignore[operator]
    return Snapshot(
        source=str(described["source"]),
        captured_at=captured_at,
        version_num=int(str(described["version_num"])),
        frames={
            name: _build_frame(kind, columns[name], rows.get(name, ()))
            for name, kind in KINDS.items()
            if name not in unread
        },
        unaccounted=build_frame(described["unaccounted"], UNACCOUNTED),  # type: ignore[arg-type]
        unread=unread,
    )


def _build_frame(
    kind: Kind, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> pd.DataFrame:
    size = len(kind.key)
    ordered = sorted(rows, key=lambda row: [str(part) for part in row[:size]])
    return build_frame(fit_rows(kind, columns, ordered), kind.dtypes)


def list_exhibit_items(exhibits: Exhibits, concealer: Concealer) -> Iterator[Item]:
    """Yield one row per row of each exhibit."""
    for name, frame in exhibits.items():
        for row in list_exhibit_rows(frame):
            yield concealer.build_item(name, row)


def list_fact_items(document: Json, concealer: Concealer) -> Iterator[Item]:
    """Yield ``document`` in pieces: plain values of each level, lists in chunks."""
    for piece in _split(document, ()):
        yield concealer.build_item(COLUMNS if piece[0][1:2] == [COLUMNS] else FACTS, piece)


def _split(
    value: Mapping[str, object], path: tuple[str, ...]
) -> Iterator[tuple[list[str], int, object]]:
    plain: Json = {}
    for name, entry in value.items():
        if isinstance(entry, dict) and entry:
            yield from _split(entry, (*path, name))
        elif isinstance(entry, list | tuple) and entry:
            for at in range(0, len(entry), CHUNK):
                yield [*path, name], at, list(entry[at : at + CHUNK])
        else:
            plain[name] = entry
    yield list(path), -1, plain


def join_facts(texts: Iterable[str]) -> Json:
    """Return the document that :func:`list_fact_items` took apart."""
    document: Json = {}
    for path, at, value in sorted(map(json.loads, texts), key=lambda piece: (piece[0], piece[1])):
        *above, last = path or [""]
        home = document
        for name in above:
            home = home.setdefault(name, {})  # type: ignore[assignment]  # written as a dict
        if at >= 0:
            home.setdefault(last, []).extend(value)  # type: ignore[attr-defined]
        elif path:
            home.setdefault(last, {}).update(value)  # type: ignore[attr-defined]
        else:
            home.update(value)
    return document


def compress(text: str) -> bytes:
    """Return ``text`` as the body of a row."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=WORDS)
    return packer.compress(text.encode()) + packer.flush()


def decompress(body: bytes) -> str:
    """Return the text of a body.

    Raises:
        ValueError: It is damaged.
    """
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS, zdict=WORDS)
    try:
        return (unpacker.decompress(body) + unpacker.flush()).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def build_root(digests: Iterable[bytes]) -> str:
    """Return the hash of everything that one side holds."""
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()


def _list_texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _list_texts(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _list_texts(entry)
