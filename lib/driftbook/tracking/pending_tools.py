"""Which files the other tools would run, and when they run none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.repairs import Forecast
from driftbook.tracking.pending import name_some
from driftbook.versions import Content, OrderFlag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftbook.migrations.directory import Directory
    from driftbook.tracking.table import Tracking

VALIDATES = "flyway"  # it compares names and checksums before it runs anything
PASSES_OVER = frozenset({"drizzle", "golang-migrate"})  # they look at the newest version alone


def forecast_tool(
    directory: Directory,
    tracking: Tracking,
    orders: Mapping[str, OrderFlag],
    contents: Mapping[str, Content],
) -> Forecast:
    """Return what the tool of ``directory`` would do with its usual command.

    Args:
        directory: The files, in the tool's order.
        tracking: What counts as applied.
        orders: Version → whether a file stands where the tool expects it.
        contents: File name → how the file compares with its record.
    """
    recorded = {row.version for row in tracking.rows}
    known = {file.version for file in directory.files}
    todo = [file for file in directory.files if file.version not in recorded]
    older = [
        file.version for file in todo if orders.get(file.version) is OrderFlag.OLDER_THAN_APPLIED
    ]
    if directory.convention in PASSES_OVER:
        todo = [file for file in todo if file.version not in older]
    refuses = _refuse(directory, tracking, sorted(recorded - known), older, contents)
    return Forecast(
        () if refuses else tuple(file.path.name for file in todo),
        refuses,
        tuple(sorted(known ^ (recorded | tracking.outdated))),
    )


def _refuse(
    directory: Directory,
    tracking: Tracking,
    missing: list[str],
    older: list[str],
    contents: Mapping[str, Content],
) -> str:
    if tracking.failed:
        return f"it recorded as failed: {name_some([row.version for row in tracking.failed])}"
    if directory.convention == "golang-migrate" and missing:
        return f"the newest recorded version has no file: {name_some(missing)}"
    if directory.convention != VALIDATES:
        return ""
    edited = [name for name, content in contents.items() if content is Content.DIFFERENT]
    reasons = (
        ("recorded versions have no file", missing),
        ("files that are not recorded come before recorded ones", older),
        ("files were edited after they ran", edited),
    )
    return next((f"{why}: {name_some(names)}" for why, names in reasons if names), "")
