"""The files that docs/scheduling.md hands out are run, or checked by what will read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.program import Program

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs" / "scheduling"
INSTALLED = "/srv/app/.venv/bin/driftbook"
# apt-get needs minutes where the package lists are old: .ci/run installs it beforehand.
ANALYZE = shutil.which("systemd-analyze")


def run(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **env}
    )


@pytest.mark.skipif(not ANALYZE, reason="no systemd-analyze: apt-get install systemd")
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for name in ("driftbook.service", "driftbook.timer"):
        text = (FILES / name).read_text(encoding="utf-8")
        # It looks for the program, which is not installed there.
        (tmp_path / name).write_text(text.replace(INSTALLED, "/bin/true"), encoding="utf-8")
    units = [str(tmp_path / name) for name in ("driftbook.service", "driftbook.timer")]
    done = run("systemd-analyze", "verify", "--man=no", *units)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    broken = tmp_path / "driftbook.service"
    broken.write_text(broken.read_text(encoding="utf-8").replace("oneshot", "once"))
    assert "once" in run("systemd-analyze", "verify", "--man=no", *units).stderr


def test_drift_is_no_failure_of_the_unit() -> None:
    unit = (FILES / "driftbook.service").read_text(encoding="utf-8")
    assert re.search("^SuccessExitStatus=1 4$", unit, re.MULTILINE)
    assert re.search("^EnvironmentFile=", unit, re.MULTILINE)


def test_the_workflow_matches_the_schema_of_workflows(tmp_path: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    check.append("vendor.github-workflows")
    workflow = FILES / "github.yml"
    done = run(*check, str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / "broken.yml"
    broken.write_text(workflow.read_text(encoding="utf-8").replace("runs-on", "run-on"))
    assert run(*check, str(broken)).returncode == 1


def test_the_line_for_cron_is_one_that_a_shell_runs(tmp_path: Path) -> None:
    lines = (FILES / "crontab").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if "driftbook audit" in line)
    *when, command = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[0-9*/,-]+", field) for field in when)
    assert "%" not in command, "cron reads it as the end of a line"
    program = tmp_path / "app" / ".venv" / "bin" / "driftbook"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$PRODUCTION_DSN" "$@"\n', encoding="utf-8")
    program.chmod(0o700)
    (tmp_path / "production.env").write_text("PRODUCTION_DSN=given\n", encoding="utf-8")
    command = command.replace("/srv", str(tmp_path)).replace("/etc/driftbook", str(tmp_path))
    assert run("sh", "-c", command).stdout == "given audit production --quiet\n"


class Dag:
    """What the example asks of Airflow, written down instead of scheduled."""

    def __init__(self) -> None:
        self.tasks: dict[str, SimpleNamespace] = {}
        self.functions: dict[str, Callable[..., object]] = {}

    def operator(self, **given: object) -> Dag:
        self.tasks[str(given["task_id"])] = SimpleNamespace(**given)
        return self

    def task(self, **_: object) -> Callable[..., Callable[..., Dag]]:
        def decorate(function: Callable[..., object]) -> Callable[..., Dag]:
            self.functions[function.__name__] = function
            return lambda *_: self

        return decorate

    def __rshift__(self, other: Dag) -> Dag:
        return other

    def load(self, monkeypatch: pytest.MonkeyPatch) -> None:
        modules = {
            "airflow.sdk": {"dag": lambda **_: lambda function: function, "task": self.task},
            "airflow.providers.standard.operators.bash": {"BashOperator": self.operator},
            "airflow.providers.papermill.operators.papermill": {"PapermillOperator": self.operator},
        }
        for name, values in modules.items():
            parts = name.split(".")
            for end in range(1, len(parts)):
                parent = ".".join(parts[:end])
                monkeypatch.setitem(sys.modules, parent, ModuleType(parent))
            module = ModuleType(name)
            vars(module).update(values)
            monkeypatch.setitem(sys.modules, name, module)
        text = (FILES / "airflow_dag.py").read_text(encoding="utf-8")
        exec(compile(text, "airflow_dag.py", "exec"), {"__name__": "dag"})  # noqa: S102 - our file


@pytest.fixture
def dag(program: Program, monkeypatch: pytest.MonkeyPatch) -> Dag:
    """Return the example's tasks, in a folder with the files of a target without a database."""
    for name, value in program.environment(
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(program.home)
    program.write("params/targets.toml", '[targets.production]\nmigrations = "."\n')
    program.write("20250101000000_a.sql", "select 1;")
    loaded = Dag()
    loaded.load(monkeypatch)
    return loaded


def place(text: str, home: Path) -> str:
    """Return ``text`` as Airflow would fill it in, for this machine and a notebook about files."""
    text = text.replace("/srv/app/notebooks", str(ROOT / "notebooks"))
    text = text.replace("/srv/app", str(home)).replace("{{ ts_nodash }}", "20261123T021500")
    return text.replace("drift_audit", "tracking_audit")


def execute(dag: Dag, home: Path) -> None:
    """Call papermill as the provider's operator does."""
    audit = dag.tasks["audit"]
    papermill.execute_notebook(
        place(audit.input_nb, home),
        place(audit.output_nb, home),
        parameters=audit.parameters,
        progress_bar=False,
        report_mode=True,
        log_output=False,
        kernel_name=audit.kernel_name,
        language=None,
        engine_name=None,
    )


def test_the_example_for_airflow_runs_as_its_operators_run_it(dag: Dag, program: Program) -> None:
    assert run("sh", "-ec", place(dag.tasks["folder"].bash_command, program.home)).returncode == 0
    execute(dag, program.home)
    done = run("sh", "-ec", place(dag.tasks["report"].bash_command, program.home))
    assert done.returncode == 0, done.stderr
    notebook = place(dag.tasks["audit"].output_nb, program.home)
    page = Path(notebook).with_name("report.html").read_text(encoding="utf-8")
    assert 'class="verdict v-incomplete"' in page
    with pytest.raises(RuntimeError, match=r"verdict incomplete: open .*report.html"):
        dag.functions["decide"](notebook)


def test_a_failed_notebook_has_a_report_and_the_verdict_error(dag: Dag, program: Program) -> None:
    dag.tasks["audit"].parameters = {"target": "nowhere"}
    run("sh", "-ec", place(dag.tasks["folder"].bash_command, program.home))
    with pytest.raises(PapermillExecutionError):
        execute(dag, program.home)
    assert run("sh", "-ec", place(dag.tasks["report"].bash_command, program.home)).returncode == 0
    notebook = place(dag.tasks["audit"].output_nb, program.home)
    assert "v-error" in Path(notebook).with_name("report.html").read_text(encoding="utf-8")
    with pytest.raises(RuntimeError, match="verdict error"):
        dag.functions["decide"](notebook)
