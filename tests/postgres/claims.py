"""Whether what attribution says of a history that is known is so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.postgres.lab import Answer, key_of, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from driftbook.forensics.attribution import Attributed
    from driftbook.model import ObjectRef

    Truth = Mapping[ObjectRef, tuple[Answer | None, Answer | None]]

SURE = {"exact", "high"}


def read_claims(
    found: Attributed, truth: Truth
) -> Iterator[tuple[str, str, Answer | None, pd.Series]]:
    """Yield object, aspect, the truth, and the row, for every aspect that has a truth."""
    rows = found.attribution.set_index(["kind", "key"])
    for ref, answers in truth.items():
        row = rows.loc[(ref.kind, key_of(ref))]
        for aspect, answer in zip(("born", "touched"), answers, strict=True):
            yield str(ref), aspect, answer, row


def is_right(row: pd.Series, aspect: str, answer: Answer | None) -> bool:
    if answer is None:
        return bool(row[f"{aspect}_class"] == "unknown")
    if row[f"{aspect}_class"] != answer.door:
        return False
    return not answer.version or row[f"{aspect}_version"] == version_of(answer.version)


def holds_truth(row: pd.Series, aspect: str, answer: Answer | None) -> bool:
    """Return whether the bracket holds what is true; an open end holds everything."""
    after, before = row[f"{aspect}_after_version"], row[f"{aspect}_before_version"]
    if answer is None:
        return True
    low, high = version_of(answer.after), version_of(answer.before)
    return (not after or after <= low) and (not before or not high or before >= high)


def confidence_of(row: pd.Series, aspect: str) -> str:
    return str(row["born_confidence" if aspect == "born" else "confidence"])


def check_claims(found: Attributed, truth: Truth) -> None:
    """Fail where something is said with confidence and is not so, or no bracket holds it."""
    for name, aspect, answer, row in read_claims(found, truth):
        said = row[f"{aspect}_class"]
        restored = said == "restored"
        if confidence_of(row, aspect) in SURE and not restored:
            assert is_right(row, aspect, answer), (name, aspect, said, row["why"])
        if not restored:
            assert holds_truth(row, aspect, answer), (name, aspect, row.to_dict())
