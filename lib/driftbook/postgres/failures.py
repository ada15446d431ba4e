"""Why a session was refused, in words of ours: the driver's own words may hold secrets."""

from __future__ import annotations

import re

import psycopg

from driftbook.errors import ConnectionFailed

ENCODE = "percent-encode @ : / ? # and % in the password of a URL"
TLS_FIX = "connect with sslmode=verify-full, or allow it for this target: insecure = true"

# The first pattern that occurs decides. Text that a login event trigger raises comes with its
# context and could read like anything else, so that pattern is the first.
REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"\nCONTEXT: ",
        "a login event trigger refused the audit",
        "let the trigger pass for the role of the audit, without writing for it",
    ),
    (
        r"could not translate host name|failed to resolve host",
        "the host name is unknown",
        f"check the host; {ENCODE}",
    ),
    (
        r"password authentication failed|SASL authentication failed",
        "the password or the user was refused",
        f"check user and password; {ENCODE}",
    ),
    (
        r"no password supplied",
        "the server asks for a password and the connection string has none",
        "add it to the connection string, or to a password file",
    ),
    (
        r"[Tt]enant or user not found",
        "the pooler does not know this project or user",
        "behind a pooler the user is called role.project: take the string of the dashboard",
    ),
    (
        r'FATAL:  role ".*" does not exist',
        "the role does not exist",
        "create the role of the audit",
    ),
    (
        r'FATAL:  role ".*" is not permitted to log in',
        "the role may not log in",
        "alter role … login, or use another role",
    ),
    (
        r'FATAL:  database ".*" does not exist',
        "the database does not exist",
        "check the name at the end of the connection string",
    ),
    (
        r"FATAL:  permission denied for database",
        "the role may not connect to the database",
        "grant connect on database … to the role of the audit",
    ),
    (
        r"[Tt]oo many (clients|connections)|remaining connection slots|[Mm]ax clients",
        "there are too many connections",
        "wait, close idle sessions, or raise the connection limit of the role",
    ),
    (
        r"not currently accepting connections|the database system is (starting|shutting)",
        "the database accepts no connections now",
        "wait until it is up; a paused project has to be restored first",
    ),
    (
        r'definition of service ".*" not found|service file ".*" not found',
        "the service is not defined",
        "add it to pg_service.conf, or correct its name in the target",
    ),
    (
        r"does not support SSL|no pg_hba.conf entry.*no encryption",
        "the server and the target do not agree on TLS",
        TLS_FIX,
    ),
    (
        r"root certificate file|certificate verify failed|does not match host name",
        "the certificate of the server cannot be verified",
        "name the authority's certificate: sslrootcert=/path/to/ca.crt",
    ),
    (
        r"no pg_hba.conf entry",
        "the server admits no such connection",
        "add a line for the role of the audit to pg_hba.conf",
    ),
    (
        r"onnection refused|No such file or directory|imeout|timed out|unreachable",
        "the server cannot be reached",
        "check host, port, firewall, and whether the server runs",
    ),
)
UNREADABLE = re.compile(
    r"connection is bad: (invalid|missing|unexpected|unterminated|unknown|unsupported)"
)


def refuse_string(label: str) -> ConnectionFailed:
    """Return the error of a connection string that cannot be read."""
    return ConnectionFailed(
        "the connection string cannot be read",
        where=label,
        fix=f"write postgresql://user:password@host:5432/database, and {ENCODE}",
    )


def explain_refusal(error: Exception, label: str) -> ConnectionFailed:
    """Return the error for people; of ``error`` only its kind is used, never its text."""
    text = str(error)
    # Refusals of a server have types of their own, below these.
    unread = type(error) is psycopg.ProgrammingError or isinstance(error, ValueError)
    if unread or UNREADABLE.match(text):
        return refuse_string(label)
    for pattern, problem, fix in REASONS:
        if re.search(pattern, text):
            return ConnectionFailed(problem, where=label, fix=fix)
    return ConnectionFailed(
        "the server refused the session",
        where=label,
        fix="try the same connection string with psql, and look into the server's log",
    )
