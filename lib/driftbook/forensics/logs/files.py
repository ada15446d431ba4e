"""From files and folders of logs to one frame; nothing that was left out goes without a word."""

from __future__ import annotations

import gzip
import io
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from driftbook.errors import ConfigError
from driftbook.forensics.lines import build_lines
from driftbook.forensics.logs.recognise import LOOKED_AT, NotALog, recognise
from driftbook.forensics.logs.record import Damaged, Place, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TextIO
    from zoneinfo import ZoneInfo

    import pandas as pd

    from driftbook.forensics.lines import Line

MOST_LINES = 200_000  # kept in all
REASONS, OTHER = 10, "other damage"  # what a file may have wrong is told up to that many times
CHUNK = 64 * 1024  # bytes
GZIP = b"\x1f\x8b"
FIX = "give another file, or leave it out of the folder"
DAMAGE_FIX = "look at the line; export the log again if it matters"
ZONE_FIX = "name the server's log_timezone with the logs, or set it to UTC"
MORE_FIX = "narrow the window, or give fewer files"


@dataclass(frozen=True, slots=True)
class LogGap:
    """Something of the logs that was not read: which file, why, and what helps."""

    path: str
    why: str
    fix: str


@dataclass(frozen=True)
class ReadLogs:
    """What logs say.

    Attributes:
        lines: Frame ``LOG_LINE``, by time.
        gaps: What could not be read.
    """

    lines: pd.DataFrame
    gaps: tuple[LogGap, ...]


def read_logs(
    paths: Iterable[Path],
    window: Window | None = None,
    *,
    zone: ZoneInfo | None = None,
    database: str = "",
) -> ReadLogs:
    """Return what the files say of DDL; folders are looked through, ``.gz`` is unpacked.

    Args:
        paths: Files and folders, in any mixture of formats.
        window: Lines outside are left out.
        zone: ``log_timezone`` of the server, where abbreviations are ambiguous.
        database: Records of other databases are left out; empty: all are kept.

    Raises:
        ConfigError: A path is not there.
    """
    collector = _Collector(window or Window())
    for path, name in _list_files(paths):
        collector.read(Place(name, zone, database), partial(_open_file, path))
    return ReadLogs(build_lines(collector.lines), tuple(collector.gaps))


class _Collector:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.lines: list[Line] = []
        self.gaps: list[LogGap] = []

    def read(self, place: Place, source: Callable[[], BinaryIO]) -> None:
        """Read one file, whatever it is; ``source`` opens it, twice."""
        damage: dict[str, tuple[int, str]] = {}  # why → lines, the first of them
        before = len(self.lines)
        try:
            reader = recognise(_read_head(source))
            with _open(source) as data, _decode(data) as stream:
                for line in reader(stream, place):
                    if isinstance(line, Damaged):
                        why = line.why if line.why in damage or len(damage) < REASONS else OTHER
                        count, first = damage.get(why, (0, line.raw_ref))
                        damage[why] = (count + 1, first)
                    elif self.window.holds(line.observed_at) and not self._keep(line, place):
                        break
        except NotALog as error:
            self.gaps.append(LogGap(place.name, str(error), FIX))
        except (EOFError, OSError, zlib.error) as error:
            kept = len(self.lines) - before
            why = f"it cannot be read to its end: {_name(error)}; {kept} lines before that are kept"
            self.gaps.append(LogGap(place.name, why, FIX))
        for why, (count, first) in damage.items():
            told = f"{count} damaged lines, the first at {first}: {why}"
            fix = ZONE_FIX if "time zone" in why else DAMAGE_FIX
            self.gaps.append(LogGap(place.name, told, fix))

    def _keep(self, line: Line, place: Place) -> bool:
        if len(self.lines) >= MOST_LINES:
            why = (
                f"there are more than {MOST_LINES} lines; those from {line.raw_ref} on are not read"
            )
            self.gaps.append(LogGap(place.name, why, MORE_FIX))
            return False
        self.lines.append(line)
        return True


def _list_files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file():
                    yield file, file.relative_to(path).as_posix()
        elif path.is_file():
            yield path, path.name
        else:
            raise ConfigError(
                "there is no such log", where=str(path), fix="name a file or a folder of logs"
            )


def _open_file(path: Path) -> BinaryIO:
    return path.open("rb")


@contextmanager
def _open(source: Callable[[], BinaryIO]) -> Iterator[BinaryIO]:
    with source() as file:
        packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file


def _decode(data: BinaryIO) -> TextIO:
    # A log holds the bytes of every database's encoding; \r\n inside a text is part of it.
    return io.TextIOWrapper(data, "utf-8-sig", errors="backslashreplace", newline="")


def _read_head(source: Callable[[], BinaryIO]) -> str:
    head = b""
    with _open(source) as data, suppress(EOFError, zlib.error):  # told when it is read again
        while len(head) < LOOKED_AT and (chunk := data.read(CHUNK)):
            head += chunk
    return _decode(cast("BinaryIO", io.BytesIO(head))).read()


def _name(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
