"""A database behind an HTTP function that runs one SELECT: PostgREST's ``/rpc/…`` and its like.

Nothing is sent but SELECTs, and to no other address than the one that was named.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from driftbook import __version__
from driftbook.errors import ConnectionFailed, RpcFailed
from driftbook.postgres.answer import NoAnswer, fill_in, guard, unwrap
from driftbook.postgres.connect import OLDEST_VERSION, PROOF, SETTINGS, is_local, refuse_version
from driftbook.postgres.refusal import explain_answer, explain_exchange, find_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftbook.model import Rpc

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 120.0  # without a byte of the answer
WHOLE_SECONDS = 600.0
LARGEST_BYTES = 256 * 1024 * 1024
CHUNK = 1024 * 1024
ATTEMPTS = 3
FIRST_PAUSE = 0.5  # seconds, doubled each time
READ_BACK = """\
(select pg_catalog.json_object_agg(n.name, pg_catalog.current_setting(n.name))
from pg_catalog.unnest(array[{names}]) as n (name))"""
ROWS = """\
(select coalesce(pg_catalog.json_agg(q), '[]') from (
{query}
) as q)"""


class _Key(AuthBase):
    """The key in both headers that PostgREST and what stands before it look at.

    Given as authentication, so that no file of this machine puts another one in its place.
    """

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key:
            request.headers["apikey"] = self.key
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request


@dataclass(frozen=True, slots=True)
class RpcSession:
    """A road on which SELECTs are answered, each by a transaction of its own.

    Attributes:
        rpc: Where it is, and its key.
        label: What errors call the database.
        http: The connection; it follows no redirect.
        version_num: 150018, as the server counts.
        settings: What the server says its settings are while a SELECT of ours is evaluated.
    """

    rpc: Rpc
    label: str
    http: requests.Session = field(repr=False)
    version_num: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)

    def evaluate(self, value: str) -> object:
        """Return ``value``, an expression of JSON, as the server evaluates it.

        Raises:
            RpcFailed: There is no answer, or a refusal; never says address or key.
        """
        statement = guard(value)
        again = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=FIRST_PAUSE),
            retry=retry_if_exception(_is_passing),
            reraise=True,
        )
        try:
            status, data = again(self._post, statement)
        except requests.RequestException as error:
            raise self._fail(*explain_exchange(error)) from None
        return self._read(status, data)

    def fetch(
        self, query: str, given: Mapping[str, str] | None = None, *, filtered: bool = False
    ) -> list[dict[str, object]]:
        """Return the rows of ``query`` as column → value; what JSON has no form for is a text.

        Args:
            query: A SELECT, with ``%(name)s`` for what is ``given``.
            given: Name → text.
            filtered: Whether row level security may apply: on this road it always does.
        """
        del filtered
        rows = self.evaluate(ROWS.format(query=fill_in(query, given)))
        return cast("list[dict[str, object]]", rows)

    def _post(self, statement: str) -> tuple[int, bytes]:
        deadline = time.monotonic() + WHOLE_SECONDS
        with self.http.post(
            self.rpc.address,
            json={self.rpc.argument: statement},
            timeout=(CONNECT_SECONDS, SILENT_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            data = bytearray()
            for chunk in answer.iter_content(CHUNK):
                data += chunk
                if len(data) > LARGEST_BYTES:
                    raise self._fail(f"the answer is larger than {LARGEST_BYTES:,} bytes", "size")
                if time.monotonic() > deadline:
                    raise requests.Timeout
            return answer.status_code, bytes(data)

    def _read(self, status: int, data: bytes) -> object:
        document, is_json = _load(data)
        if not requests.codes.ok <= status < requests.codes.multiple_choices:
            raise self._fail(*explain_answer(status, document, self.rpc))
        if not is_json:
            raise self._fail("the answer is no JSON", "answer")
        try:
            return unwrap(document)
        except (NoAnswer, ValueError, RecursionError) as error:
            told = find_error(document)
            if told:
                raise self._fail(*explain_answer(requests.codes.bad, told, self.rpc)) from None
            raise self._fail(f"the answer is not what was asked for: {error}", "answer") from None

    def _fail(self, problem: str, code: str, fix: str = "") -> RpcFailed:
        if self.rpc.key:
            problem, fix = (text.replace(self.rpc.key, "***") for text in (problem, fix))
        fix = fix or "name a function that gives the rows of one SELECT as JSON: docs/capture.md"
        return RpcFailed(problem, where=self.label, fix=fix, code=code)


def _load(data: bytes) -> tuple[object, bool]:
    try:
        return json.loads(data), True
    except (ValueError, RecursionError):
        return None, False


def _is_passing(error: BaseException) -> bool:
    lasting = (requests.exceptions.SSLError, requests.exceptions.ProxyError)
    return isinstance(error, requests.ConnectionError) and not isinstance(error, lasting)


@contextmanager
def open_rpc(rpc: Rpc, *, label: str) -> Iterator[RpcSession]:
    """Yield a session on ``rpc``, which has answered a first SELECT.

    Args:
        rpc: Where it is, and its key.
        label: What errors call the database, for example ``target production``.

    Raises:
        ConnectionFailed: The key would be sent in plain text, or the server is too old.
        RpcFailed: There is no answer, or a refusal.
    """
    parts = urlsplit(rpc.address)
    local = is_local(parts.hostname or "")
    if parts.scheme != "https" and not (rpc.insecure or local):
        raise ConnectionFailed(
            "the key would be sent to another machine without encryption",
            where=label,
            fix="write https:// in rpc, or allow it for this target: insecure = true",
        )
    with requests.Session() as http:
        http.trust_env = not local  # a proxy sees what is not encrypted
        http.auth = _Key(rpc.key)
        http.headers["User-Agent"] = f"driftbook/{__version__}"
        http.headers["Accept"] = "application/json"
        yield _begin(RpcSession(rpc, label, http))


def _begin(session: RpcSession) -> RpcSession:
    names = ", ".join(f"'{name}'" for name in (*SETTINGS, *PROOF, "server_version_num"))
    found = session.evaluate(READ_BACK.format(names=names))
    if not isinstance(found, Mapping):
        raise ConnectionFailed(
            "the settings of the session are not told", where=session.label, fix="check rpc"
        )
    settings = {str(name): str(value) for name, value in found.items()}
    version_num = int(settings["server_version_num"])
    if version_num < OLDEST_VERSION:
        raise refuse_version(version_num, session.label)
    if settings["search_path"]:
        raise ConnectionFailed(
            "the server does not keep the settings of a statement",
            where=session.label,
            fix="use driftbook capture --script",
        )
    return replace(session, version_num=version_num, settings=settings)
