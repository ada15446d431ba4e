"""Errors that a user can cause and mend; everything else is a bug and stays bare.

DriftbookError             exit code
├── ConfigError            2   targets, parameters, arguments
└── AuditError             3   the audit could not be made
    ├── ConnectionFailed       a database that cannot be reached or read
    │   └── RpcFailed          no answer, or a refusal, of the function that runs SELECTs for us
    ├── ServerError            the shadow's server does not start or answer
    ├── SourceError            a source that cannot be read: directory, dump, capture
    ├── ReplayFailed           the replay itself could not be done (a failing file is a fact)
    ├── NotebookFailed         a cell raised
    ├── HistoryFailed          the store of earlier audits cannot be opened, read or written
    └── PublishRefused         the gate found a secret, or the folder cannot be written
"""

from __future__ import annotations


class DriftbookError(Exception):
    """A problem with a place and a remedy.

    Args:
        problem: One sentence, names quoted.
        where: ``file:line``, target, cell; empty when there is no place.
        fix: What to do, imperative; a command or SQL when there is one.
    """

    exit_code = 3

    def __init__(self, problem: str, *, where: str = "", fix: str) -> None:
        super().__init__(problem)
        self.problem, self.where, self.fix = problem, where, fix

    def __str__(self) -> str:
        where = f"\n  where: {self.where}" if self.where else ""
        return f"{self.problem}{where}\n  fix: {self.fix}"

    def _render_traceback_(self, *_: object) -> list[str]:
        """Return what a notebook shows: the person can mend it, the code is not at fault."""
        return [f"{type(self).__name__}: {self}"]


class ConfigError(DriftbookError):
    """Targets, parameters or arguments are wrong; nothing has run."""

    exit_code = 2


class AuditError(DriftbookError):
    """The audit could not be made."""


class ConnectionFailed(AuditError):
    """A database cannot be reached or read."""


class RpcFailed(ConnectionFailed):
    """No answer, or a refusal, of the function that runs SELECTs for us.

    ``code``: SQLSTATE, code of PostgREST, or status of HTTP.
    """

    def __init__(self, problem: str, *, where: str = "", fix: str, code: str) -> None:
        super().__init__(problem, where=where, fix=fix)
        self.code = code


class ServerError(AuditError):
    """The server of the shadow does not start or answer."""


class SourceError(AuditError):
    """A source cannot be read."""


class ReplayFailed(AuditError):
    """The replay could not be done; a failing file alone is a fact, not this error."""


class NotebookFailed(AuditError):
    """A notebook did not run to its end."""


class HistoryFailed(AuditError):
    """The store of earlier audits cannot be opened, read or written."""


class PublishRefused(AuditError):
    """A report may not, or cannot, be written."""
