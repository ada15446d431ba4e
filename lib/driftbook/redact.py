"""What people and published files may see of foreign text: names made visible, secrets replaced."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets as randomness
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Characters that draw nothing, or a space, although Unicode does not class them as format.
HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
VARIATION_SELECTORS = range(0xFE00, 0xFE10)
LAST_BMP = 0xFFFF
NON_CHARACTERS = range(0xFDD0, 0xFDF0)

_PROCESS_KEY = randomness.token_bytes(32)
# A quote as SQL, JSON, JSON inside a string, and HTML write it: the gate reads finished files.
_Q = r"(?:\\*[\"']|&(?:quot|\#3[49]);|\\u002[27])"
_RANDOM_LENGTH = 20
_SHORT = 500  # characters
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{32,}", re.IGNORECASE)
_MARK = "\u2039redacted {} {}\u203a"  # angle quotes: in no token, URL or literal of a pattern
_REDACTED = ("\u2039redacted", "\\u2039redacted")  # the second as JSON writes it

# name: pattern whose group "secret" is replaced. Every one is linear in the length of the text.
_PATTERNS = {
    "jwt": r"\b(?P<secret>eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?)",
    "key": r"""\b(?P<secret>
        (?:[sr]k_(?:live|test)|sb_secret|sbp|gh[pousr]|github_pat|whsec|npm|hf|shpat|dop_v1)_\w{16,}
        | sk-[\w-]{20,} | glpat-[\w-]{16,} | xox[abeoprs]-[\w-]{10,} | SG\.[\w-]{16,}\.[\w-]{16,}
        | A[KS]IA[0-9A-Z]{16}\b | AIza[\w-]{35} | ya29\.[\w-]{20,} | key-[0-9a-f]{32}\b)""",
    "private-key": r"""(?P<secret>-----BEGIN\ [A-Z ]{0,20}PRIVATE\ KEY-----
        [^-]{0,8000}(?:-----END\ [A-Z ]{0,20}PRIVATE\ KEY-----)?)""",
    "header": rf"""(?:\b(?:authorization|(?:x-)?api-?key){_Q}?\s{{0,4}}[:=,]>?\s{{0,4}}
        (?:{_Q}(?:(?:bearer|basic|token)\s+)?|(?:bearer|basic)\s+)
        | \bbearer\s+)(?P<secret>[A-Za-z0-9._~+/=-]{{12,}})(?![\w(])""",
    "password": rf"""\b(?:password|passwd|pgpassword|pwd){_Q}?\s{{0,4}}(?:[:=]>?\s{{0,4}})?
        {_Q}{{1,2}}(?P<secret>[^'"\n\\&<]{{3,200}}){_Q}""",
    "conninfo": r"""\b(?:host|hostaddr|user|dbname|port)\s?=[^\n]{0,200}?\bpassword\s?=\s?
        (?P<secret>[^\s'"\\&<]{3,200})""",
    "userinfo": r"""\b[a-z][a-z0-9+.-]{1,20}://
        (?P<secret>[^\s/@:'"<>]{0,100}:[^\s@'"<>]{1,200})@[\w\[]""",
    "token": rf"""(?:secret|token|credential|(?:api|access|private|service|signing|role)[_-]?key)
        [^\n'"\\&]{{0,60}}{_Q}(?P<secret>[A-Za-z0-9+/=_.-]{{20,}})""",
}
# One of these words is in every match, folded: tells most texts apart before a pattern is tried.
_WORDS = {
    "jwt": ("eyj",),
    "key": (
        *("k_live_", "k_test_", "sb_secret_", "sbp_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
        *("github_pat_", "whsec_", "npm_", "hf_", "shpat_", "dop_v1_", "sk-", "glpat-", "xox"),
        *("sg.", "akia", "asia", "aiza", "ya29.", "key-"),
    ),
    "private-key": ("-----begin ",),
    "header": ("authorization", "apikey", "api-key", "bearer"),
    "password": ("passw", "pwd"),
    "conninfo": ("password",),
    "userinfo": ("://",),
    "token": ("secret", "token", "credential", "key"),
}
_COMPILED = {
    kind: re.compile(pattern, re.IGNORECASE | re.VERBOSE) for kind, pattern in _PATTERNS.items()
}
# Key prefixes are written in one case only; without it "SK-…" in prose would be a key.
_COMPILED["key"] = re.compile(_PATTERNS["key"], re.VERBOSE)
_COMPILED["jwt"] = re.compile(_PATTERNS["jwt"])


def display_name(text: str) -> str:
    r"""Return ``text`` with every character that would not be seen as an escape.

    Control, bidi, zero-width and other invisible characters, unusual spaces, non-characters and
    lone surrogates become ``\u202e`` and the like.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if is_hidden(char) else char for char in text)


def display_text(text: str) -> str:
    """Return a definition for people: like :func:`display_name`, lines and tabs kept."""
    return "\n".join("\t".join(map(display_name, line.split("\t"))) for line in text.split("\n"))


def is_hidden(char: str) -> bool:
    """Return whether a reader could not see ``char`` or would take it for a plain space."""
    code = ord(char)
    return (
        unicodedata.category(char) in HIDDEN_CATEGORIES
        or (unicodedata.category(char) == "Zs" and char != " ")
        or char in HIDDEN
        or code in VARIATION_SELECTORS
        or code in NON_CHARACTERS
        or code & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the last two code points of every plane
    )


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\U{code:08x}" if code > LAST_BMP else f"\\u{code:04x}"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a text holds something that looks like a credential."""

    kind: str
    start: int
    end: int


def find_secrets(text: str) -> list[Secret]:
    """Return what looks like a credential in ``text``, in its order, without overlaps."""
    find = _find_in_word if len(text) < _SHORT else _find_in_page
    return list(find(text))


def _find_apart(text: str) -> tuple[Secret, ...]:
    found = sorted(_find_all(text), key=lambda secret: (secret.start, -secret.end))
    kept: list[Secret] = []
    for secret in found:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
    return tuple(kept)


# Names stand in a report ten times and more; a page is searched when it is written, and published.
_find_in_word = lru_cache(maxsize=8192)(_find_apart)
_find_in_page = lru_cache(maxsize=16)(_find_apart)


def _find_all(text: str) -> Iterator[Secret]:
    folded = _fold(text)
    for kind, pattern in _COMPILED.items():
        if not any(word in folded for word in _WORDS[kind]):
            continue
        for match in _match_all(pattern, text):
            value = match["secret"]
            if value.startswith(_REDACTED) or (kind == "token" and not looks_random(value)):
                continue
            yield Secret(kind, *match.span("secret"))


def _fold(text: str) -> str:
    """Return ``text`` with every character that a pattern takes for an ASCII letter as that one."""
    if text.isascii():
        return text.lower()
    # Of a dotted capital I the folded form has the dot as a character of its own.
    return text.casefold().replace("\u0131", "i").replace("\u0307", "")


def _match_all(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield matches whose secrets start one after the other.

    What stands between two literals, 'password', password '…', is taken for a secret; the real
    one behind it must not be passed over with it.
    """
    at = 0
    while match := pattern.search(text, at):
        yield match
        quoted = pattern is _COMPILED["password"]
        at = match.start("secret") + 1 if quoted else match.end()


def looks_random(token: str) -> bool:
    """Return whether ``token`` looks generated: no word, no object name, no UUID."""
    if len(token) < _RANDOM_LENGTH or _UUID.fullmatch(token):
        return False
    if _HEX.fullmatch(token):
        return True
    digits = sum(map(str.isdigit, token))
    mixed = any(map(str.isupper, token)) and any(map(str.islower, token))
    # Names of objects are lower case with underscores; generated tokens mix everything.
    return digits > 1 and (mixed or (digits >= 4 and not re.search(r"[_.-]", token)))  # noqa: PLR2004


def redact(text: str, key: bytes | None = None) -> str:
    """Return ``text`` with each secret as a mark such as ``redacted jwt 8f3a1c2b``.

    Args:
        text: Anything; text without a secret comes back as it is.
        key: Of the HMAC whose first digits are shown: under one key equal secrets look equal,
            and nobody without it can test a guess. Default: a key of this process.
    """
    parts, at = [], 0
    for secret in find_secrets(text):
        value = text[secret.start : secret.end]
        digest = hmac.new(key or _PROCESS_KEY, value.encode("utf-8", "replace"), hashlib.sha256)
        parts += [text[at : secret.start], _MARK.format(secret.kind, digest.hexdigest()[:8])]
        at = secret.end
    return "".join([*parts, text[at:]]) if parts else text


def is_redacted(text: str) -> bool:
    """Return whether a secret of ``text`` was replaced by a mark, now or before."""
    return _REDACTED[0] in text
