"""driftbook: what the migration files say, what was recorded, what is really there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftbook.explore import OpenAudit

__version__ = "0.1.0"


def open(source: str = "demo", *, audit_id: str = "") -> OpenAudit:  # noqa: A001 - driftbook.open
    """Open an audit to look at: the latest recorded one, or one made now where there is none.

    Its ``repr`` says which audit it is and what to type next.

    >>> import driftbook
    >>> audit = driftbook.open("demo")
    >>> page = audit.object("public.orders")

    Args:
        source: A target's name, ``audit:ID``, or a directory of migration files.
        audit_id: A recorded audit of the target.

    Raises:
        ConfigError: There is no such target, audit or directory.
        AuditError: A side cannot be read.
    """
    from driftbook.explore import open_audit  # noqa: PLC0415 - only those who open pay for it

    return open_audit(source, audit_id=audit_id)
