"""The prelude's version names its content: reports of two versions are not compared blindly."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from driftbook.shadow.prelude import describe_prelude

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# When this fails and more than a comment changed: raise the version in manifest.toml first.
VERSION = "supabase 4"
# The rest only asks, or is of every platform.
MAKING = ("manifest.toml", "supabase/", "extensions/")
CONTENT = "316926370dde2d1bc00c5a08953ece02bdd726f079f7bca22b356ad74550d9d9"


def read_texts(folder: Traversable, path: str = "") -> dict[str, bytes]:
    """Return the files under ``folder``, by path."""
    texts: dict[str, bytes] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            texts |= read_texts(entry, f"{path}{entry.name}/")
        elif entry.name.endswith((".sql", ".toml")):
            texts[path + entry.name] = entry.read_bytes()
    return texts


def hash_prelude() -> str:
    digest = hashlib.sha256()
    for path, text in sorted(read_texts(files("driftbook.shadow") / "platform").items()):
        if not path.startswith(MAKING):
            continue
        digest.update(f"{path}\n{len(text)}\n".encode() + text)
    return digest.hexdigest()


def test_version_names_the_content() -> None:
    assert (describe_prelude("supabase"), hash_prelude()) == (VERSION, CONTENT)
