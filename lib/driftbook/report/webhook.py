"""Telling a webhook what changed: once, with patience, and never at the cost of the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from driftbook.errors import AuditError, DriftbookError
from driftbook.gate import check_text
from driftbook.report.formats.webhook import build_message
from driftbook.report.told import Told, hash_ids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftbook.config import Target
    from driftbook.report.formats.joined import Joined

TIMEOUT = 10.0  # seconds, each of the three times
ATTEMPTS = 3
FIRST_PAUSE = 1.0  # seconds, doubled each time
SLACK = "hooks.slack.com"  # takes a message of its own fields only
TOO_MANY, SERVER_ERROR = 429, 500


class _TryAgainError(Exception):
    """The other side may answer better in a moment."""


def tell_webhook(
    joined: Joined, told: Told, target: Target, address: str, hidden: Sequence[str]
) -> tuple[Told, list[DriftbookError]]:
    """Tell the webhook of ``target`` about an audit where its settings ask for it.

    Args:
        joined: The audit.
        told: What the webhook knows.
        target: Says when to tell, and whether names may be told.
        address: Of the webhook, a secret; empty: the variable is not set.
        hidden: Secrets of this run.

    Returns:
        What the webhook knows now, and what did not work.

    Raises:
        PublishRefused: The message holds a secret.
    """
    if not target.webhook_env or target.notify == "never":
        return told, []
    now = {"verdict": joined.verdict.value, "failing": hash_ids(one.id for one in joined.failing)}
    if target.notify == "change" and now == told.model_dump(include={*now}):
        return told, []
    message = build_message(joined, names=target.notify_names)
    check_text("the message of the webhook", json.dumps(message, ensure_ascii=False), hidden)
    problem = _explain_address(address) or send_message(message, address)
    if problem:
        fix = "check the address and what answers there; the next audit tells it again"
        error = AuditError(
            f"the webhook was not told: {problem}", where=f"variable {target.webhook_env}", fix=fix
        )
        return told, [error]
    return told.model_copy(update=now), []


def send_message(message: dict[str, object], address: str) -> str:
    """Send ``message`` and return why that did not work; empty when it did.

    What the libraries say is not repeated: it holds the address.
    """
    if urlsplit(address).hostname == SLACK:
        message = {name: message[name] for name in ("text", "blocks")}
    again = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=FIRST_PAUSE),
        retry=retry_if_exception_type(_TryAgainError),
        reraise=True,
    )
    try:
        status = again(_post, message, address)
    except _TryAgainError as error:
        return f"{error}, {ATTEMPTS} times"
    except (requests.RequestException, ValueError, OSError) as error:
        return type(error).__name__
    return "" if 200 <= status < 300 else f"it answered {status}"  # noqa: PLR2004 - success in HTTP


def _post(message: dict[str, object], address: str) -> int:
    try:
        # Not read: an answer without end would hold up the audit. Not led elsewhere either.
        with requests.post(
            address, json=message, timeout=TIMEOUT, allow_redirects=False, stream=True
        ) as answer:
            status = answer.status_code
    except requests.Timeout:
        raise _TryAgainError("it did not answer in time") from None
    except requests.ConnectionError:
        raise _TryAgainError("it could not be reached") from None
    if status >= SERVER_ERROR or status == TOO_MANY:
        raise _TryAgainError(f"it answered {status}")
    return status


def _explain_address(address: str) -> str:
    if not address:
        return "the variable is not set"
    try:
        parts = urlsplit(address)
    except ValueError:
        return "it holds no web address"
    return "" if parts.scheme in {"http", "https"} and parts.hostname else "it holds no web address"
