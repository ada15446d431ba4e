"""The house rules that no linter knows: sizes, words, walls, and pages that belong together."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from driftbook import errors
from driftbook.rules import ALL_RULES

ROOT = Path(__file__).parents[2]
LIB = ROOT / "lib" / "driftbook"
MODULES = sorted(LIB.rglob("*.py"))
QUERIES = sorted(path for path in LIB.rglob("sql/*.sql"))
MODULE_LINES, FUNCTION_LINES, QUERY_LINES = 400, 40, 100
# One word per thing: what the glossary calls otherwise.
BANNED = re.compile(r"\b(ledger|mirror(ed|s)?|violations?|only_shadow)\b", re.IGNORECASE)
COLOUR = re.compile(r"#[0-9a-f]{6}\b", re.IGNORECASE)
# Who may start a process: servers, git, JupyterLab.
STARTERS = {"postgres", "migrations/git.py", "report/lab.py"}


def name_of(path: Path) -> str:
    return path.relative_to(LIB).as_posix()


def read_code(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def list_tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_read_in_one_sitting(path: Path) -> None:
    code = read_code(path)
    assert code.count("\n") <= MODULE_LINES
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            assert lines <= FUNCTION_LINES, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", QUERIES, ids=name_of)
def test_a_query_fits_on_a_screen(path: Path) -> None:
    assert read_code(path).count("\n") <= QUERY_LINES


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_walls_hold(path: Path) -> None:
    code, name = read_code(path), name_of(path)
    assert not BANNED.search(code)
    if name not in {"config.py", "places.py"}:
        assert "os.environ" not in code
        assert "getenv" not in code
    if not (STARTERS & {name, name.partition("/")[0]}):
        assert "subprocess" not in code
    if not name.startswith("sqltext/"):
        assert "postgast" not in code
    if name != "charts/palette.py":
        assert not COLOUR.search(code)


def test_every_error_stands_in_the_tree() -> None:
    named = set(re.findall(r"── (\w+)|^(\w+Error)", errors.__doc__ or "", re.MULTILINE))
    names = {one or other for one, other in named}
    classes = {name for name, value in vars(errors).items() if isinstance(value, type)}
    assert names == classes


def test_every_rule_has_its_page_and_every_page_its_rule() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert pages == {rule.ID for rule in ALL_RULES}
    for rule in ALL_RULES:
        assert rule.__name__.rpartition(".")[2] == rule.ID.replace("-", "_")


def test_no_registry_and_no_secret_is_named_anywhere() -> None:
    hosts = [f"{a}{b}" for a, b in (("py", "pi.org"), ("python", "hosted"), ("npm", "js."))]
    for path in list_tracked():
        if path.suffix in {".png", ".svg"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [host for host in hosts if host in text], path.name


def test_links_of_the_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#]+)\)", read_code(page)):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"
