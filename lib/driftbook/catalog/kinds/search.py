"""Text search: what a text is cut into, and what becomes of each piece."""

from __future__ import annotations

from driftbook.catalog.properties import BEHAVIOUR, NAMED, Kind, text

SEARCH = (
    Kind(
        "text_search_configuration",
        NAMED,
        text(BEHAVIOUR, "parser mappings"),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "text_search_dictionary",
        NAMED,
        text(BEHAVIOUR, "template options"),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "text_search_parser",
        NAMED,
        text(BEHAVIOUR, "start token end headline types"),
        parent="schema",
        cls=BEHAVIOUR,
    ),
    Kind(
        "text_search_template",
        NAMED,
        text(BEHAVIOUR, "init lexize"),
        parent="schema",
        cls=BEHAVIOUR,
    ),
)
