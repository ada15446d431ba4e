"""The shape of the words: one sentence, or one for each value that live can have."""

from __future__ import annotations

from collections.abc import Mapping

# By live's value, ``None`` for none; "" stands for any other one.
Words = str | Mapping[str | None, str]
Texts = dict[tuple[str, str], Words]
