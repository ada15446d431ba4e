"""The gate before publishing: no file may hold a secret of the run, in whatever encoding."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from driftbook.errors import PublishRefused
from driftbook.redact import display_text, find_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PASSWORD = re.compile(
    r"(?:ssl)?password\s*=\s*(?:'((?:\\.|[^'\\])*)'|((?:\\.|[^\s\\])+))", re.IGNORECASE
)
SHORT = 8  # characters; a shorter secret is looked for only where a password would stand
TOKEN = 12  # characters of a part of a web address that is taken for its secret


def check_publishable(paths: Iterable[Path], secrets: Sequence[str] = ()) -> None:
    """Raise unless every file may be published.

    Args:
        paths: The files, all of them: nothing is published when one may not be.
        secrets: Connection strings, addresses and keys of this run; looked for plain,
            URL-encoded, escaped as SQL, JSON, HTML, Markdown or workflow commands do, in base64,
            and so are the passwords and tokens inside them.

    Raises:
        PublishRefused: A file holds a secret of this run, or what looks like one.
    """
    needles = build_needles(secrets)
    for path in paths:
        check_content(path.name, path.read_bytes(), needles)


def check_text(name: str, text: str, secrets: Sequence[str]) -> None:
    """Raise :class:`PublishRefused` unless ``text``, called ``name``, may be told to others."""
    check_content(name, text.encode("utf-8", "surrogateescape"), build_needles(secrets))


def check_content(name: str, content: bytes, needles: Sequence[bytes]) -> None:
    """Raise :class:`PublishRefused` when ``content`` holds a needle, or what looks like a secret.

    Args:
        name: What messages call it.
        content: A finished file.
        needles: As :func:`build_needles` gives them.
    """
    views = _list_views(content)
    if any(needle in view for needle in needles for view in views):
        raise PublishRefused(
            f"{name} would hold a secret of this run; nothing was published",
            where=name,
            fix="find the cell or definition that shows it, and keep it out of the schema",
        )
    text = content.decode("utf-8", "replace")
    for secret in find_secrets(text):
        line = text.count("\n", 0, secret.start) + 1
        raise PublishRefused(
            f"{name} would hold what looks like a secret ({secret.kind}); nothing was published",
            where=f"{name}:{line}",
            fix="keep the value out of the schema, or exclude the object in params/targets.toml",
        )


def _list_views(content: bytes) -> list[bytes]:
    """Return ``content`` as it is, and as a reader of HTML, XML, Markdown or a URL sees it."""
    text = content.decode("utf-8", "surrogateescape")
    plain = html.unescape(text)
    seen = (plain, _strip_escapes(plain))
    return [content, *(view.encode("utf-8", "surrogatepass") for view in seen if view != text)]


def _strip_escapes(text: str) -> str:
    return re.sub(r"\\(?=[^A-Za-z0-9\s])", "", text)


def build_needles(secrets: Iterable[str]) -> list[bytes]:
    """Return the bytes to look for: each secret and each password in it, in every encoding."""
    needles = set()
    for secret in secrets:
        for value in {secret, *_find_passwords(secret), *_find_tokens(secret)}:
            is_word = value.isalpha() and value.islower() and len(value) < TOKEN
            if len(value) < SHORT or is_word:
                # A short or common word is on any page: only where a password would stand.
                forms = {f":{value}@", f"password={value}", f"password='{value}'"} - {":@"}
            else:
                forms = {value}
            for form in forms if value else ():
                # As it is, and as a literal of SQL holds it.
                needles |= _encode(form) | _encode(form.replace("'", "''"))
    return sorted(needles)


def _find_passwords(dsn: str) -> Iterator[str]:
    url = re.match(r"[a-z][\w+.-]*://[^:@/]*:(?P<password>.*)@", dsn, re.IGNORECASE | re.DOTALL)
    if url:
        yield from {url["password"], unquote(url["password"])}
    for quoted, bare in PASSWORD.findall(dsn):
        # In a connection string an ampersand is a character, in a URL it ends the value.
        for value in {quoted or bare, bare.partition("&")[0]}:
            yield from {value, re.sub(r"\\(.)", r"\1", value), unquote(value)}


def _find_tokens(address: str) -> Iterator[str]:
    """Yield what lets somebody use a web address: long parts of its path and query."""
    if not re.match(r"https?://", address, re.IGNORECASE):
        return
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all: it is looked for as a whole
        return
    values = [*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    yield from (form for value in values if len(value) >= TOKEN for form in {value, unquote(value)})


def _encode(value: str) -> set[bytes]:
    raw = value.encode("utf-8", "surrogateescape")
    texts = {
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        display_text(value),  # invisible characters as escapes
        _strip_escapes(value),
    }
    texts |= {re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in texts}
    # As workflow commands write it, in a message and in a property.
    message = value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    texts |= {message, message.replace(":", "%3A").replace(",", "%2C")}
    encoded = {raw, *(text.encode("utf-8", "surrogateescape") for text in texts)}
    # Inside a longer text base64 depends on where the value starts: three ways, edges cut off.
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + raw)
        inner = whole[(shift * 8 + 5) // 6 : (shift + len(raw)) * 8 // 6]
        encoded |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_")), quote(inner).encode()}
        encoded.add(quote(inner, safe="").encode())
    return encoded
