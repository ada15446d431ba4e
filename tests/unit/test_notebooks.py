from __future__ import annotations

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from driftbook.report.parameters import read_parameters

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PARTS = ["Purpose", "Parameters", "Collect", "Findings", "Next steps"]
FLOW = "`source → snapshot → diff → findings → report`"
PARAMETERS = """\
target: str = "demo"  # a name in params/targets.toml
audit_id: str = ""  # a stored audit to report on again; empty: {}
fail_on: str = "high"  # lowest severity that fails the audit: """
# What an audit is of that nobody named: a postmortem asks no database that was audited before.
WITHOUT_AUDIT = dict.fromkeys(("incident_postmortem", "explore"), "the latest, or capture now")
BEGINS = {"incident_postmortem": ("begin_incident(", "incident")}
BANNED_TAGS = {"hide-output", "raises-exception", "nbval-skip", "nbval-ignore-output"}
BANNED_NODES = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.Try,
    ast.For,
    ast.While,
    ast.With,
    ast.JoinedStr,
    ast.ListComp,
    ast.DictComp,
    ast.SetComp,
    ast.GeneratorExp,
)
SQL = re.compile(r"\b(select\s.+\sfrom|insert\s+into|create\s+table)\b", re.IGNORECASE)

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def find_code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def find_tagged(path: Path, tag: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if tag in cell.metadata.get("tags", [])]


def test_the_title_cell_names_the_notebook_and_the_flow(path: Path) -> None:
    title = read(path).cells[0]
    words = path.stem.replace("_", " ").capitalize()
    assert title.source == f"# {words}\n\n{FLOW}"
    assert title.metadata["tags"] == ["remove-cell"]


def test_five_parts_in_order(path: Path) -> None:
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == PARTS


def test_the_parameters_cell_is_spelled_as_everywhere(path: Path) -> None:
    (cell,) = find_tagged(path, "parameters")
    parameters = PARAMETERS.format(WITHOUT_AUDIT.get(path.stem, "capture now"))
    assert cell.source.startswith(f"{parameters}critical, high, medium, low or info")
    assert set(read_parameters(path).values()) <= {"str", "int", "float", "bool"}


def test_what_the_frame_shows_is_not_in_the_body(path: Path) -> None:
    removed = [cell.source.split("\n")[0] for cell in find_tagged(path, "remove-cell")]
    assert removed[1:3] == ["## Parameters", "## Collect"]
    assert removed[3].startswith("from driftbook.audit import begin")
    assert len(removed) == 4


def test_one_cell_begins_the_audit_and_shows_it(path: Path) -> None:
    call, name = BEGINS.get(path.stem, ("begin(", "audit"))
    (begins,) = (cell for cell in find_code(path) if call in cell.source)
    whole = f'begin("{path.stem}", target=target, audit_id=audit_id, fail_on=fail_on)'
    assert begins.source.endswith(f"\n{name}")
    assert f"{name} = {whole if call == 'begin(' else call}" in begins.source
    for given in ("target", "audit_id", "fail_on"):
        assert f"{given}={given}" in begins.source
    assert begins.metadata["tags"] == ["hide-input"]


def test_cells_are_thin(path: Path) -> None:
    lengths = [
        sum(bool(line.strip()) for line in cell.source.split("\n")) for cell in find_code(path)
    ]
    assert max(lengths) <= 12
    assert statistics.median(lengths) <= 4
    assert len(lengths) <= 25
    assert len(lengths) <= len(read(path).cells) - len(lengths)


def test_no_cell_needs_a_unit_test(path: Path) -> None:
    for cell in find_code(path):
        assert not re.search(r"^\s*[%!]|;\s*$", cell.source, flags=re.MULTILINE)
        assert not SQL.search(cell.source)
        banned = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, BANNED_NODES)]
        assert banned == []


def test_a_name_is_assigned_once(path: Path) -> None:
    names = [
        node.id
        for cell in find_code(path)
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    assert sorted(names) == sorted(set(names))


def test_no_tag_hides_a_result_or_a_failure(path: Path) -> None:
    tags = {tag for cell in read(path).cells for tag in cell.metadata.get("tags", [])}
    assert tags <= {"parameters", "remove-cell", "hide-input"}
    assert not tags & BANNED_TAGS


def test_a_single_call_is_hidden_and_an_analysis_is_not(path: Path) -> None:
    for cell in find_code(path):
        if cell.source.startswith("render_"):
            assert cell.metadata["tags"] == ["hide-input"]
        elif "render_" in cell.source and "import" not in cell.source:
            assert "tags" not in cell.metadata


def test_every_answer_stands_below_a_question(path: Path) -> None:
    before = None
    for cell in read(path).cells:
        if cell.cell_type == "code" and "render_" in cell.source and "import" not in cell.source:
            assert before is not None
            assert before.cell_type == "markdown"
        before = cell


def test_committed_without_outputs_and_with_plain_ids(path: Path) -> None:
    notebook = read(path)
    assert [cell.id for cell in notebook.cells] == [str(n) for n in range(len(notebook.cells))]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in find_code(path))
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
