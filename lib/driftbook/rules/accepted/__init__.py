"""Rules about accepted findings: an entry that holds no longer is a finding itself."""

from __future__ import annotations

from driftbook.rules.accepted import accepted_expired, accepted_stale, accepted_void

ACCEPTED_RULES = (accepted_void, accepted_expired, accepted_stale)
