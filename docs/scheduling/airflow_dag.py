"""Airflow 3: papermill runs the notebook, nbconvert writes its report, the verdict decides.

Needs the provider apache-airflow-providers-papermill, and driftbook in the workers' environment.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

REPORTS = "/srv/app/reports/production/{{ ts_nodash }}/drift_audit"
RESULT = "application/vnd.driftbook.result+json"


@dag(
    schedule="15 2 * * *",
    start_date=datetime(2026, 1, 1),  # noqa: DTZ001 - Airflow adds its own time zone
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
)
def driftbook() -> None:
    """Audit production every night; the run fails when the verdict is not pass."""
    folder = BashOperator(task_id="folder", bash_command=f"mkdir -p {REPORTS}")
    audit = PapermillOperator(
        task_id="audit",
        input_nb="/srv/app/notebooks/drift_audit.ipynb",
        output_nb=f"{REPORTS}/notebook.ipynb",
        parameters={"target": "production"},
        kernel_name="python3",
        execution_timeout=timedelta(hours=1),
    )
    # Also after a failed notebook: its report says that nothing in it means "no drift".
    report = BashOperator(
        task_id="report",
        bash_command=f"jupyter nbconvert --to driftbook --output report {REPORTS}/notebook.ipynb",
        trigger_rule="all_done",
    )

    @task(trigger_rule="all_done")
    def decide(notebook: str) -> str:
        verdict = read_verdict(Path(notebook))
        if verdict != "pass":
            raise RuntimeError(f"verdict {verdict}: open {Path(notebook).with_name('report.html')}")
        return verdict

    folder >> audit >> report >> decide(f"{REPORTS}/notebook.ipynb")


def read_verdict(notebook: Path) -> str:
    """Return the verdict of an executed notebook; ``error`` when it never got that far."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    if any(output["output_type"] == "error" for output in outputs):
        return "error"
    results = [output["data"][RESULT] for output in outputs if RESULT in output.get("data", {})]
    return results[-1]["verdict"] if results else "error"


driftbook()
