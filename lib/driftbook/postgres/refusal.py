"""Why a function behind HTTP gave no answer, in words of ours and, shortened, in its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import requests

from driftbook.redact import display_name, redact

if TYPE_CHECKING:
    from driftbook.model import Rpc

Said = tuple[str, str, str]  # problem, code, fix
LONGEST = 300  # characters of what the other side says
CANCELLED = "57014"
# What fewer rows at once may get around.
TOO_MUCH = frozenset({CANCELLED, "54000", "53200", "413", "504", "524", "timeout", "size"})
SHORTER = "raise the statement timeout of the function's role, or use driftbook capture --script"
# SQLSTATE or code of PostgREST → what it means and what to do.
CODES: Mapping[str, tuple[str, str]] = {
    CANCELLED: ("the server ran out of its statement timeout", SHORTER),
    "42501": (
        "the role may not execute the function, or the function may not read something",
        "grant execute on the function to the role of the key; see docs/capture.md",
    ),
    "PGRST202": (
        "there is no such function with this argument",
        "name the function's argument in rpc_argument, and expose the schema that it is in",
    ),
    "PGRST301": ("the key is no valid token", "export another key: it is expired, or of elsewhere"),
    "PGRST302": ("nobody may ask without a key", "name the variable of a key in rpc_key_env"),
    "P0001": (
        "the function refuses the statement",
        "let the function run a SELECT that reads pg_catalog; see docs/capture.md",
    ),
}
STATUSES: Mapping[int, tuple[str, str]] = {
    401: ("the key was refused", "export the key of a role that may execute the function"),
    403: ("the key may not do this", "grant execute on the function to the role of the key"),
    404: ("there is no such function", "check the address in rpc, and rpc_argument"),
    413: ("the statement is longer than what stands before the database takes", SHORTER),
    429: ("too many requests were made", "try again in a while"),
    504: ("there was no answer in time", SHORTER),
    524: ("there was no answer in time", SHORTER),
}
FIRST_REDIRECT, FIRST_ERROR, FIRST_FAILURE = 300, 400, 500


def explain_exchange(error: requests.RequestException) -> Said:
    """Return why there was no answer at all; the library's own words hold the address."""
    if isinstance(error, requests.exceptions.SSLError):
        return "the certificate was not accepted", "tls", "check the address and the certificates"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy was not reached", "proxy", "check the proxy in the environment"
    if isinstance(error, requests.ConnectionError):
        return "it could not be reached", "connection", "check the address in rpc, and the network"
    if isinstance(error, requests.Timeout):
        return "there was no answer in time", "timeout", SHORTER
    kind = type(error).__name__
    return f"the exchange failed: {kind}", "exchange", "check the address in rpc"


def explain_answer(status: int, document: object, rpc: Rpc) -> Said:
    """Return what an answer of ``status`` that is no success means.

    Args:
        status: Of HTTP.
        document: The JSON that came with it, or ``None``.
        rpc: The function that was called.
    """
    told = find_error(document) or {}
    code = str(told.get("code") or "")
    if FIRST_REDIRECT <= status < FIRST_ERROR:
        return (
            f"it leads to another address (status {status}), where the key is not sent",
            str(status),
            "write the address of the function itself, if you trust it",
        )
    if code in CODES:
        problem, fix = CODES[code]
    elif status in STATUSES:
        problem, fix = STATUSES[status]
    elif told and status < FIRST_FAILURE:
        problem, fix = "the function refuses the statement", CODES["P0001"][1]
    else:
        problem, fix = f"it answered {status}", "look into the log of the service, and try again"
    if code == "42501" and not rpc.key:
        fix = "name the variable of a key in rpc_key_env"
    said = " ".join(str(told[name]) for name in ("message", "hint") if told.get(name))
    shown = display_name(redact(said))[:LONGEST]
    return problem + (f": {shown}" if shown else ""), code or str(status), fix


def find_error(document: object) -> dict[str, object] | None:
    """Return ``message``, ``code`` and ``hint`` of an error as functions and PostgREST tell it."""
    if isinstance(document, list) and len(document) == 1:
        return find_error(document[0])
    if not isinstance(document, Mapping):
        return None
    message = next((document[name] for name in ("message", "error") if document.get(name)), None)
    if isinstance(message, Mapping):
        return find_error(message)
    if isinstance(message, str):
        code = next((document[name] for name in ("code", "sqlstate") if document.get(name)), "")
        return {"message": message, "code": code, "hint": document.get("hint")}
    inner = [one for one in document.values() if isinstance(one, Mapping | list)]
    return find_error(inner[0]) if len(document) == len(inner) == 1 else None
