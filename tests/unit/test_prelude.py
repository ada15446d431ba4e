"""The prelude's version names its content: reports of two versions are not compared blindly."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import TYPE_CHECKING

from driftbook.shadow.prelude import describe_prelude

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# When this fails: raise the version in manifest.toml, then write both here.
VERSION = "supabase 3"
CONTENT = "8761e8d1e4c033924505c326dc929057d9bccd7516a83e050771abf576df7833"


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
        digest.update(f"{path}\n{len(text)}\n".encode() + text)
    return digest.hexdigest()


def test_version_names_the_content() -> None:
    assert (describe_prelude("supabase"), hash_prelude()) == (VERSION, CONTENT)
