"""A change as a finding: severity, words, both definitions, fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import Finding
from driftbook.rules.definitions import define
from driftbook.rules.explain import find_class, write_consequence
from driftbook.rules.fixes import propose_fix, reverts
from driftbook.rules.severity import rate
from driftbook.rules.titles import write_title

if TYPE_CHECKING:
    from driftbook.rules.facts import ChangedObject, Facts


def judge(rule: str, group: str, thing: ChangedObject, facts: Facts) -> Finding:
    """Return the finding of ``rule`` about one changed object."""
    fix, is_sql = propose_fix(thing, facts)
    return Finding(
        rule=rule,
        group=group,
        severity=rate(thing, facts),
        object=thing.ref,
        title=write_title(thing, facts),
        consequence=write_consequence(thing, facts),
        fix=fix,
        change=thing.change.value,
        expected=define(thing, facts.expected),
        live=define(thing, facts.live),
        fix_is_sql=is_sql,
        fix_reverts=reverts(thing, facts),
        cls=find_class(thing, facts).value,
        properties=tuple(entry.property for entry in thing.differences),
    )
