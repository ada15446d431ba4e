"""Frames with declared columns: the same columns and dtypes with rows and without."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftbook.versions import Fact, Version

UTC_TIME = "datetime64[ns, UTC]"
DTYPES = {
    "str": "str",
    "int": "int64",
    "number": "Int64",  # or missing: not known
    "float": "float64",
    "bool": "bool",
    "utc": UTC_TIME,
}
VERSION_TIME = re.compile(r"[0-9]{14}")
# What 64 bits of nanoseconds hold, and what somebody may have meant.
FIRST_YEAR, LAST_YEAR = 1970, 2200


def declare(columns: str) -> dict[str, str]:
    """Return column → dtype of ``"version place:int at:utc"``; a column is text unless said."""
    pairs = (column.partition(":") for column in columns.split())
    return {name: DTYPES[kind or "str"] for name, _, kind in pairs}


def build_frame(rows: Iterable[Sequence[object]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return ``rows`` with the columns and dtypes of ``dtypes``, also when there is no row."""
    values = list(zip(*rows, strict=True)) or [()] * len(dtypes)
    return pd.DataFrame(
        {
            name: _build_column(column, dtype)
            for (name, dtype), column in zip(dtypes.items(), values, strict=True)
        }
    )


def _build_column(values: Sequence[object], dtype: str) -> pd.Series:
    if dtype == UTC_TIME:
        return pd.to_datetime(pd.Series(list(values), dtype="object"), utc=True).dt.as_unit("ns")
    return pd.Series(list(values), dtype=dtype)


def parse_version_time(version: str) -> datetime | None:
    """Return the UTC time that the 14 digits of ``version`` spell, or ``None``."""
    if not VERSION_TIME.fullmatch(version):
        return None
    if not FIRST_YEAR <= int(version[:4]) <= LAST_YEAR:
        return None
    try:
        return datetime.strptime(version, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def place_files(versions: Iterable[Version], effects: Iterable[Fact] = ()) -> dict[str, int]:
    """Return file → its place in the order of the files, from 1."""
    names = [version.file for version in versions if version.file]
    names += [fact.file for fact in effects]
    return {name: place for place, name in enumerate(dict.fromkeys(names), start=1)}


def in_words(value: str) -> str:
    """Return the value of an enumeration as people write it."""
    return value.replace("_", " ")
