"""Rules about versions: files, tracking table and live database taken together."""

from __future__ import annotations

from driftbook.rules.versions import (
    comment_only,
    duplicate_version,
    effect_without_tracking,
    file_name_format,
    file_not_tracked,
    file_uncommitted,
    history_edited,
    never_runs,
    noop_migration,
    placeholder_statements,
    replay_failed,
    same_content_other_version,
    statements_mismatch,
    tracked_without_effect,
    tracked_without_file,
    tracking_bulk_rewritten,
    tracking_exposed,
    tracking_name_mismatch,
    version_in_future,
    version_out_of_order,
)

TRACKING_RULES = (
    tracked_without_file,
    file_not_tracked,
    placeholder_statements,
    statements_mismatch,
    tracking_name_mismatch,
    version_out_of_order,
    tracked_without_effect,
    effect_without_tracking,
    same_content_other_version,
    tracking_bulk_rewritten,
    tracking_exposed,
)
FILE_RULES = (
    never_runs,
    duplicate_version,
    file_name_format,
    version_in_future,
    comment_only,
    noop_migration,
    history_edited,
    file_uncommitted,
    replay_failed,
)
VERSION_RULES = (*TRACKING_RULES, *FILE_RULES)
