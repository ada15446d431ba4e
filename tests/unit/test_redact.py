from __future__ import annotations

import re
import string
import sys

import pytest

from driftbook import redact as module
from driftbook.redact import display_name, display_text, find_secrets, redact

# Invented, and put together here: no scanner shall take this file for a leak.
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
LONG = "4eC39HqLyjWDarjtT1zdp7dc"
HEX = "9f86d081884c7d659a2feaa0c55ad015"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("orders", "orders", id="plain"),
        pytest.param("Größe 店舗", "Größe 店舗", id="other scripts stay"),
        pytest.param("inv\u202eseciov", "inv\\u202eseciov", id="bidi"),
        pytest.param("or\u200bders", "or\\u200bders", id="zero width"),
        pytest.param("a\u00a0b", "a\\u00a0b", id="a space that is none"),
        pytest.param("a\nb\x1b[31m", "a\\u000ab\\u001b[31m", id="control"),
        pytest.param("\ufffe\ufdd0", "\\ufffe\\ufdd0", id="non-characters"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag beyond the first plane"),
        pytest.param("\ud800", "\\ud800", id="lone surrogate"),
        pytest.param("\u3164", "\\u3164", id="letter that draws nothing"),
    ],
)
def test_display_name(text: str, expected: str) -> None:
    assert display_name(text) == expected


def test_display_text_keeps_lines_and_tabs() -> None:
    assert display_text("a\n\tb\r\n") == "a\n\tb\\u000d\n"


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        pytest.param(f"select '{JWT}'", JWT, "jwt", id="jwt"),
        pytest.param(f"perform charge('{STRIPE}')", STRIPE, "key", id="key prefix"),
        pytest.param(
            '\'{"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}\'',
            "dXNlcjpwYXNzd29yZA==",
            "header",
            id="authorization in JSON",
        ),
        pytest.param(
            "jsonb_build_object('apikey', 'abcdEFGH12345678')",
            "abcdEFGH12345678",
            "header",
            id="apikey as an argument",
        ),
        pytest.param("alter role x password 'hunter2'", "hunter2", "password", id="role"),
        pytest.param("dblink('password=''hunter2''')", "hunter2", "password", id="conninfo"),
        pytest.param("'host=h password=hunter2'", "hunter2", "conninfo", id="bare conninfo"),
        pytest.param("https://u:p%40ss@h/db", "u:p%40ss", "userinfo", id="url"),
        pytest.param(f"secret text default '{HEX}'", HEX, "token", id="random beside a word"),
        pytest.param(
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
            "MIIE",
            "private-key",
            id="pem",
        ),
    ],
)
def test_a_secret_is_redacted(text: str, secret: str, kind: str) -> None:
    hidden = redact(text, b"key")
    assert secret not in hidden
    assert f"redacted {kind} " in hidden
    assert redact(hidden, b"key") == hidden


@pytest.mark.parametrize(
    "text",
    [
        "api_key_hash text not null",
        "headers := jsonb_build_object('Authorization', 'Bearer ' || service_key)",
        "jsonb_build_object('apikey', current_setting('app.settings.anon_key'))",
        "password <> '' and length(password) > 8",
        "constraint api_tokens_organization_id_fkey foreign key (organization_id)",
        "token uuid default '550e8400-e29b-41d4-a716-446655440000'",
        "'https://example.org/a?b=c'",
        "create index user_secret_token_created_at_2024_idx on t (secret)",
        "http://localhost:54321/auth/v1",
    ],
)
def test_ordinary_sql_is_left_alone(text: str) -> None:
    assert redact(text) == text


def test_equal_secrets_look_equal_under_one_key_only() -> None:
    assert redact(JWT, b"one") == redact(JWT, b"one") != redact(JWT, b"two")
    assert redact(JWT) == redact(JWT)


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    for piece in ("secret ", "eyJaaaaaaaa.", "password '", "a://", "-----BEGIN PRIVATE KEY-----"):
        assert isinstance(find_secrets(piece * 20_000), list)


@pytest.mark.parametrize(
    "text",
    [
        *(f"{key}_{LONG}" for key in "sk_live rk_live sk_test rk_test sb_secret sbp".split()),
        *(f"{key}_{LONG}" for key in "ghp gho ghu ghs ghr github_pat whsec npm hf".split()),
        *(f"{key}_{LONG}" for key in "shpat dop_v1".split()),
        *(f"{key}-{LONG}" for key in "sk glpat xoxb xoxp".split()),
        *("AKIA" + "A1" * 8, "ASIA" + "A1" * 8, "AIza" + "a1b2c" * 7, f"ya29.{LONG}"),
        *(f"key-{HEX}", f"SG.{LONG}.{LONG}"),
        *(f"{word}: 'Token {LONG}'" for word in "Authorization ApiKey X-API-KEY".split()),
        *(f"bearer {LONG}", f"authorization: basic {LONG}"),
        *(f"{word} = 'hunter2'" for word in "PASSWORD passwd PgPassword pwd Pa\u017fsword".split()),
        *(f"{word}: '{LONG}'" for word in "SECRET my_token Credential apikey to\u212aen".split()),
        *(f"{word}_key: '{LONG}'" for word in "access private service SIGN\u0130NG role".split()),
    ],
)
def test_every_form_of_a_credential_is_found(text: str) -> None:
    assert find_secrets(f"ß {text}!")


def test_what_a_pattern_takes_for_a_letter_is_folded_to_it() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    for letter in string.ascii_lowercase:
        found = re.findall(letter, everything, re.IGNORECASE)
        assert {module._fold(one) for one in found} == {letter}, found  # noqa: SLF001
