"""Texts that may differ in form only are told from texts that say something else."""

from __future__ import annotations

import pytest

from driftbook.drift.suspects import read_shape


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("((a OR b) OR c)", "(a OR b OR c)", id="a chain that is flattened"),
        pytest.param(
            "(ARRAY['a'::character varying, 'b'::character varying])::text[]",
            "ARRAY[('a'::character varying)::text, ('b'::character varying)::text]",
            id="a list whose cast is spread",
        ),
        pytest.param(
            "(x)::timestamp(3) without time zone", "x::timestamp without time zone", id="times"
        ),
        pytest.param("('l'::odd.\"M d\"[])", "'l'", id="a quoted type"),
    ],
)
def test_form_is_no_shape(one: str, other: str) -> None:
    assert read_shape(one) == read_shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("(a OR b)", "(a AND b)", id="another operator"),
        pytest.param("'(a)'::text", "'a'::text", id="brackets in a constant"),
        pytest.param("'it''s::text'", "'it''s'", id="a cast in a constant"),
        pytest.param('"a (b)"', '"a b"', id="brackets in a name"),
        pytest.param("lower(a)", "upper(a)", id="another function"),
        pytest.param("1", "11", id="another number"),
    ],
)
def test_what_is_said_is_shape(one: str, other: str) -> None:
    assert read_shape(one) != read_shape(other)
