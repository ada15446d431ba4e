"""How long work tells how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told the stage, the steps done, and how many there are; 0 means unknown."""

    def __call__(self, stage: str, done: int = 0, total: int = 0, /) -> None:
        """Report ``stage``."""


def say_nothing(_stage: str, _done: int = 0, _total: int = 0) -> None:
    """Report no progress."""
