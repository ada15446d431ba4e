from __future__ import annotations

import errno
import json
from pathlib import Path

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from driftbook.errors import ConfigError, PublishRefused
from driftbook.model import Verdict
from driftbook.report import execute as execute_module
from driftbook.report.execute import check_parameters, run_notebook
from driftbook.report.export import ReportExporter
from driftbook.report.kernel import build_manager_class
from driftbook.report.result import build_schema

PARAMETERS = """\
target: str = "demo"  # a name
days: int = 90  # days
share: float = 0.5  # a share
strict: bool = False  # or not"""
RESULT = {
    "schema_version": 1,
    "report": "tiny",
    "title": "Tiny: demo",
    "verdict": "pass",
    "reason": "No drift.",
    "target": {"name": "demo", "label": "demo"},
    "audit_id": "20261123T014225Z-5be1",
    "captured_at": "2026-11-23T01:42:25Z",
}
EMIT = f"""\
from IPython.display import display

result = {RESULT!r}
display({{"application/vnd.driftbook.result+json": result}}, raw=True)"""


def write_notebook(folder: Path, *sources: str, name: str = "tiny") -> Path:
    cells = [
        new_markdown_cell("# Tiny", metadata={"tags": ["remove-cell"]}),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        *map(new_code_cell, sources),
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=metadata), path)
    return path


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object, **__: object) -> None:
        pytest.fail("a kernel was started")

    monkeypatch.setattr(execute_module, "execute_notebook", start)


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        pytest.param({"tragets": "prod"}, "has no parameter 'tragets'", id="unknown"),
        pytest.param({"x; import os": 1}, "cannot be called", id="code as a name"),
        pytest.param({"Target": "prod"}, "cannot be called", id="upper case"),
        pytest.param({"days": "many"}, "'days' takes int, not str", id="text for a number"),
        pytest.param({"days": True}, "'days' takes int, not bool", id="truth for a number"),
        pytest.param({"target": 5}, "'target' takes str, not int", id="number for a text"),
        pytest.param({"strict": 1}, "'strict' takes bool, not int", id="number for a truth"),
        pytest.param(
            {"target": "postgresql://u:hunter2@h/db"}, "connection string", id="a connection URL"
        ),
        pytest.param({"target": "host=h password=hunter2"}, "connection string", id="conninfo"),
        pytest.param(
            {"target": "sbp_" + "0123456789abcdef" * 2}, "connection string or a key", id="a key"
        ),
    ],
)
def test_a_wrong_parameter_is_refused_before_a_kernel_starts(
    tmp_path: Path, given: dict[str, object], problem: str
) -> None:
    notebook = write_notebook(tmp_path)
    with pytest.raises(ConfigError, match=problem) as refused:
        run_notebook(notebook, given, tmp_path / "out")
    assert refused.value.exit_code == 2
    assert "hunter2" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_right_parameters_pass(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path)
    check_parameters(notebook, {"target": "prod", "days": 1, "share": 1, "strict": True})


def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.ipynb"
    file.write_text("no", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read as a notebook"):
        check_parameters(file, {})


def test_a_report_is_published_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No kernelspec is needed; the kernel runs in the caller's folder; braces in paths are harmless.
    folder = tmp_path / "{braces}"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "nowhere"))
    notebook = write_notebook(folder, EMIT, "import os, driftbook\n\n(target, os.listdir())")
    stages: list[tuple[int, int]] = []
    run = run_notebook(
        notebook,
        {"target": "prod"},
        tmp_path / "reports" / "prod" / "a1",
        progress=lambda _stage, done=0, total=0: stages.append((done, total)),
    )
    assert run.verdict is Verdict.PASS
    assert run.failure is None
    assert run.result is not None
    assert run.result["reason"] == "No drift."
    assert run.report == tmp_path / "reports/prod/a1/tiny/report.html"
    assert sorted(path.name for path in run.report.parent.iterdir()) == [
        "notebook.ipynb",
        "report.html",
        "result.json",
        "run.json",
    ]
    assert sorted(path.name for path in run.report.parents[1].iterdir()) == ["tiny"]
    page = run.report.read_text(encoding="utf-8")
    assert "PASS" in page
    assert "(&#39;prod&#39;, [&#39;tiny.ipynb&#39;])" in page.replace("'", "&#39;")
    assert stages
    assert str(tmp_path) not in run.notebook.read_text(encoding="utf-8")
    assert json.loads(run.report.with_name("run.json").read_text())["cells"]


def test_a_failing_cell_is_a_report_with_verdict_error(tmp_path: Path) -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9" + ".eyJyb2xlIjoic2VydmljZV9yb2xlIn0" + ".c2lnbmF0dXJl"
    fail = f"raise KeyError('no table ' + '.'.join({jwt.split('.')!r}))"
    notebook = write_notebook(tmp_path, EMIT, fail, "print('never')")
    run = run_notebook(notebook, {}, tmp_path / "demo" / "a1")
    assert run.verdict is Verdict.ERROR
    assert run.result is None
    assert "KeyError" in str(run.failure)
    result = json.loads(run.report.with_name("result.json").read_text())
    assert (result["verdict"], result["target"]["name"]) == ("error", "demo")
    assert "KeyError" in result["reason"]
    page = run.report.read_text(encoding="utf-8")
    assert "ERROR</p>" in page
    assert 'nothing in it means "no drift"' in page
    assert "PASS</p>" not in page
    for file in run.report.parent.iterdir():
        assert jwt not in file.read_text(encoding="utf-8")


def test_a_notebook_without_a_result_is_an_error(tmp_path: Path) -> None:
    run = run_notebook(write_notebook(tmp_path, "1"), {}, tmp_path / "demo" / "a1")
    assert run.verdict is Verdict.ERROR
    assert "No cell emitted a result" in str(run.failure)


def test_a_result_that_contradicts_itself_is_an_error(tmp_path: Path) -> None:
    gap = '{"what": "a", "why": "b", "fix": "c"}'
    lying = EMIT.replace("display({", f'result["incomplete"] = [{gap}]\ndisplay({{')
    run = run_notebook(write_notebook(tmp_path, lying), {}, tmp_path / "demo" / "a1")
    assert run.verdict is Verdict.ERROR
    assert "pass is impossible" in str(run.failure)


def test_a_kernel_that_dies_is_an_error_with_a_reason(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path, EMIT, "'shown' + ' before'", "import os\n\nos._exit(9)")
    run = run_notebook(notebook, {}, tmp_path / "demo" / "a1")
    assert run.verdict is Verdict.ERROR
    assert "died" in str(run.failure)
    assert "shown before" in run.report.read_text(encoding="utf-8")


@pytest.mark.parametrize("shown", ["{}", "__import__('base64').b64encode(({}).encode())"])
def test_a_secret_in_an_output_publishes_nothing(tmp_path: Path, shown: str) -> None:
    secret = "correct-horse-battery-9"  # noqa: S105 - invented
    goal = tmp_path / "demo" / "a1"
    # In two parts: the source of the cell does not hold it.
    notebook = write_notebook(tmp_path, EMIT, shown.format(f"{secret[:9]!r} + {secret[9:]!r}"))
    with pytest.raises(PublishRefused, match="secret of this run"):
        run_notebook(notebook, {}, goal, secrets=[f"postgresql://u:{secret}@h/d"])
    assert list(goal.iterdir()) == []


def test_a_report_that_exists_is_replaced_and_survives_a_refusal(tmp_path: Path) -> None:
    goal = tmp_path / "demo" / "a1"
    notebook = write_notebook(tmp_path, EMIT)
    first = run_notebook(notebook, {}, goal).report
    (first.parent / "stale.txt").write_text("old", encoding="utf-8")
    before = first.read_bytes()
    run_notebook(notebook, {}, goal)
    assert not (first.parent / "stale.txt").exists()
    assert first.read_bytes() == before
    with pytest.raises(PublishRefused):
        run_notebook(notebook, {}, goal, secrets=["No drift."])
    assert first.read_bytes() == before
    assert [path.name for path in goal.iterdir()] == ["tiny"]


def test_equal_runs_give_equal_files(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path, EMIT, "target")
    first, second = (run_notebook(notebook, {}, tmp_path / name / "a1") for name in ("x", "y"))
    for name in ("report.html", "result.json", "notebook.ipynb"):
        assert (first.report.with_name(name).read_bytes()) == second.report.with_name(
            name
        ).read_bytes()


def test_papermill_alone_and_the_exporter_give_the_same_page(tmp_path: Path) -> None:
    jwt = ["eyJhbGciOiJIUzI1NiJ9", "eyJyb2xlIjoic2VydmljZV9yb2xlIn0", "c2lnbmF0dXJl"]
    notebook = write_notebook(tmp_path, EMIT, f"print('.'.join({jwt!r}))")
    published = run_notebook(notebook, {"target": "x"}, tmp_path / "x" / "a1").report
    papermill.execute_notebook(
        notebook,
        tmp_path / "bare.ipynb",
        parameters={"target": "x"},
        progress_bar=False,
        kernel_manager_class=build_manager_class(tmp_path),
    )
    bare = nbformat.read(tmp_path / "bare.ipynb", as_version=4)
    page, _ = ReportExporter().from_notebook_node(bare)
    assert page == published.read_text(encoding="utf-8")
    assert "redacted jwt" in page


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_cannot_be_written_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, "the disk says no")

    monkeypatch.setattr(execute_module, "write_result", fail)
    goal = tmp_path / "demo" / "a1"
    with pytest.raises(PublishRefused, match="the report cannot be written: the disk says no"):
        run_notebook(write_notebook(tmp_path, EMIT), {}, goal)
    assert list(goal.iterdir()) == []


def test_a_folder_that_is_a_file_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("", encoding="utf-8")
    with pytest.raises(PublishRefused, match="cannot be written"):
        run_notebook(write_notebook(tmp_path, EMIT), {}, tmp_path / "demo" / "a1")


def test_an_interrupt_stops_the_kernel_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    pid_file = tmp_path / "pid"
    code = (
        f"import os, pathlib, time\n\npathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))"
    )
    notebook = write_notebook(tmp_path, code, "2", EMIT)

    def interrupt(_stage: str, done: int = 0, _total: int = 0) -> None:
        if done == 4:
            raise KeyboardInterrupt

    goal = tmp_path / "demo" / "a1"
    with pytest.raises(KeyboardInterrupt):
        run_notebook(notebook, {"days": 1}, goal, progress=interrupt)
    assert list(goal.iterdir()) == []
    assert not Path(f"/proc/{pid_file.read_text()}").exists()


def test_the_schema_in_the_wheel_is_that_of_the_model() -> None:
    file = Path(execute_module.__file__).with_name("result.schema.json")
    assert json.loads(file.read_text(encoding="utf-8")) == build_schema(), (
        "write json.dumps(build_schema(), indent=1) into result.schema.json"
    )


def test_a_kernel_that_does_not_start_is_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftbook.report.kernel.LAUNCH", "raise SystemExit('no kernel here')")
    run = run_notebook(write_notebook(tmp_path, EMIT), {"target": "x"}, tmp_path / "x" / "a1")
    assert run.verdict is Verdict.ERROR
    assert run.failure is not None
    assert "The kernel died. no kernel here" in run.failure.problem
    assert "no kernel here" in run.report.read_text(encoding="utf-8")


def test_a_notebook_is_stopped_when_its_time_is_over(tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path, "while True:\n    pass", EMIT)
    run = run_notebook(notebook, {"target": "x"}, tmp_path / "x" / "a1", timeout=3)
    assert run.verdict is Verdict.ERROR
    assert run.failure is not None
    assert "it ran longer than 3 s" in run.failure.problem
