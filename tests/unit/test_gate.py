from __future__ import annotations

import base64
import html
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from tests.unit.results import build_accepted, build_finding, build_result
from tests.unit.test_formats import FORMATS

from driftbook.errors import PublishRefused
from driftbook.gate import check_publishable, check_text
from driftbook.redact import redact
from driftbook.report.formats.joined import Joined, join_results

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Invented, and put together here: no scanner shall take this file for a leak.
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"


PASSWORD = 'p@ss/w"ör<d>+1'  # noqa: S105 - invented
DSN = f"postgresql://app:{quote(PASSWORD, safe='')}@db.example.org/app"


@pytest.mark.parametrize(
    "form",
    [
        PASSWORD,
        quote(PASSWORD, safe=""),
        json.dumps(PASSWORD),
        json.dumps(PASSWORD, ensure_ascii=False),
        html.escape(PASSWORD),
        escape(PASSWORD),
        quoteattr(PASSWORD),
        quote_plus(PASSWORD),
        quote(PASSWORD, safe="").lower(),
        base64.b64encode(PASSWORD.encode()).decode(),
        base64.b64encode(f"x{PASSWORD}y".encode()).decode(),
        base64.urlsafe_b64encode(f"ab{PASSWORD}".encode()).decode(),
    ],
)
def test_the_gate_finds_the_password_of_a_dsn_in_every_encoding(tmp_path: Path, form: str) -> None:
    clean, dirty = tmp_path / "clean.html", tmp_path / "dirty.html"
    clean.write_text("<p>nothing</p>", encoding="utf-8")
    dirty.write_text(f"<p>{form}</p>", encoding="utf-8")
    check_publishable([clean], [DSN])
    with pytest.raises(PublishRefused) as refused:
        check_publishable([clean, dirty], [DSN])
    assert PASSWORD not in str(refused.value)
    assert "dirty.html" in str(refused.value)


def test_a_common_word_as_password_refuses_only_where_a_password_stands(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    dsn = "postgresql://postgres:postgres@127.0.0.1/postgres"
    file.write_text("owner postgres, PostgreSQL 15", encoding="utf-8")
    check_publishable([file], [dsn])
    file.write_text("postgres:postgres@", encoding="utf-8")
    with pytest.raises(PublishRefused):
        check_publishable([file], [dsn])


@pytest.mark.parametrize("dsn", ["host=h password=Tr0ub4dor&3 user=u", "password = 'Tr0ub4dor&3'"])
def test_the_password_of_a_keyword_string_is_known(tmp_path: Path, dsn: str) -> None:
    file = tmp_path / "x.json"
    file.write_text('"Tr0ub4dor&3"', encoding="utf-8")
    with pytest.raises(PublishRefused):
        check_publishable([file], [dsn])


def test_the_gate_refuses_what_looks_like_a_secret_and_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text(f'{{\n"a": "{JWT}"}}', encoding="utf-8")
    with pytest.raises(PublishRefused, match=r"result\.json:2") as refused:
        check_publishable([file])
    assert JWT not in str(refused.value)


@pytest.mark.parametrize("encode", [str, json.dumps, html.escape])
def test_what_was_redacted_passes_the_gate(tmp_path: Path, encode: type[str]) -> None:
    text = f"""'{{"Authorization": "Bearer {JWT}"}}' password 'hunter2' https://u:pw@h/"""
    file = tmp_path / "report.html"
    file.write_text(encode(redact(text)), encoding="utf-8")
    check_publishable([file])


NASTY = ('p@ss#100%/"w\u00f6rd" x', "back\\#slash`tick_*", "two\u200bparts:and,more", "a&b<c>'d'|e")


def test_a_password_in_a_literal_of_sql_is_found() -> None:
    with pytest.raises(PublishRefused):
        check_text("sql", json.dumps("comment on table t is 'is it''s-me <b>?'"), ["it's-me <b>?"])


@pytest.mark.parametrize("password", NASTY)
@pytest.mark.parametrize("build", FORMATS)
def test_no_format_hides_a_password_from_the_gate(
    password: str, build: Callable[[Joined], str]
) -> None:
    dsn = f"postgresql://app:{quote(password, safe='')}@db.example.org/app"
    text = f"it says {password}!"
    finding = build_finding(1, title=text, rule=text, where=f"{text}.sql:1")
    result = build_result(
        finding,
        report=text,
        target={"name": text},
        accepted=[{**build_accepted(finding), "reason": text}],
        rules=[],
    )
    check_text("clean", build(join_results([build_result(build_finding(1))])), [dsn])
    with pytest.raises(PublishRefused, match="a secret of this run") as refused:
        check_text("dirty", build(join_results([result])), [dsn])
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["B0000000ABCD", "x" * 20 + "9", "t0ken%2Fwith%2Fslashes", "t0ken/with/slashes"]
)
def test_the_token_of_a_web_address_is_known_alone(text: str) -> None:
    token = "x" * 20 + "9"
    address = (
        f"https://hooks.example.org/services/T1/B0000000ABCD/{token}?key=t0ken%2Fwith%2Fslashes"
    )
    check_text("clean", "hooks.example.org/services/T1", [address])
    with pytest.raises(PublishRefused):
        check_text("dirty", f"it is {text}.", [address])


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        pytest.param("host=h password=Zq9&LongSecret7 user=u", "Zq9&LongSecret7", id="ampersand"),
        pytest.param(r"host=h password=Zq9\'LongSecret7", "Zq9'LongSecret7", id="escaped quote"),
        pytest.param(r"password=Zq9\ LongSecret7 host=h", "Zq9 LongSecret7", id="escaped space"),
        pytest.param("postgresql://u@h/db?sslpassword=Longpass9988", "Longpass9988", id="ssl key"),
        pytest.param("postgresql://u:correcthorsebattery@h/db", "correcthorsebattery", id="words"),
    ],
)
def test_a_password_is_found_as_libpq_reads_it(secret: str, shown: str) -> None:
    with pytest.raises(PublishRefused):
        check_text("x", f"a comment says {shown} here", [secret])
