"""What a shadow cannot have, and the later statements that speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftbook.model import ObjectRef

if TYPE_CHECKING:
    from driftbook.sqltext import Shape

# What a statement makes → the kind of its object in a snapshot.
KINDS = {
    "event-trigger": "event_trigger",
    "subscription": "subscription",
    "wrapper": "foreign_data_wrapper",
    "server": "foreign_server",
    "user-mapping": "user_mapping",
    "table": "table",
    "index": "index",
    "function": "function",
    "language": "language",
    "transform": "transform",
    "access-method": "access_method",
    "operator-class": "operator_class",
    "operator-family": "operator_family",
    "base-type": "base_type",
    "search-parser": "text_search_parser",
    "search-template": "text_search_template",
    "search-dictionary": "text_search_dictionary",
    "search-configuration": "text_search_configuration",
    "security-label": "security_label",
}
# What a statement makes → what it is made of.
NEEDS = {
    "server": ("wrapper",),
    "user-mapping": ("server",),
    "table": ("server",),
    "transform": ("language",),
    "function": ("language",),
    "search-dictionary": ("search-template",),
    "search-configuration": ("search-parser", "search-configuration"),
}


class Withheld:
    """Remembers for one replay what was not made."""

    def __init__(self) -> None:
        self._names: set[tuple[str, str]] = set()

    def add(self, shape: Shape) -> tuple[ObjectRef, ...]:
        """Remember what ``shape`` would have made, and return it as a snapshot may have it.

        The parts of a reference are the schema, empty where the statement has none, and the name
        without arguments or access method.
        """
        what, _, verb = shape.kind.rpartition("-")
        if verb != "create" or what not in KINDS:
            return ()
        refs = []
        for each in shape.names:
            schema, _, name = each.rpartition(".")
            self._names.add((what, name))
            refs.append(ObjectRef(KINDS[what], (schema, name)))
        return tuple(refs)

    def reaches(self, shape: Shape) -> bool:
        """Return whether ``shape`` is about something that was not made, or is made of it."""
        what, _, verb = shape.kind.rpartition("-")
        if verb == "create":
            return any((need, shape.method) in self._names for need in NEEDS.get(what, ()))
        names = [name.rpartition(".")[2] for name in shape.names]
        return any((what, name) in self._names for name in names)
