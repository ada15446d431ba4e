from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from tests.unit.results import HOSTILE, build_finding, build_result

from driftbook.config import Target, read_settings
from driftbook.errors import DriftbookError, PublishRefused
from driftbook.report import webhook
from driftbook.report.formats.joined import Joined, join_results
from driftbook.report.formats.webhook import build_message
from driftbook.report.outputs import Outputs, hand_out, tell_failure
from driftbook.report.told import Told, read_told, write_told
from driftbook.report.webhook import send_message, tell_webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = "T0/B0/tokentokentoken"  # noqa: S105 - invented
FAIL = join_results([build_result(build_finding(1), build_finding(2, "low"))])
PASS = join_results([build_result()])


@dataclass
class Hook:
    """A web server that answers with the given codes, then with the last; 0: it hangs up."""

    codes: list[int]
    heard: list[dict[str, object]] = field(default_factory=list)
    address: str = ""

    def answer(self) -> int:
        return self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]


@contextmanager
def listening(*codes: int) -> Iterator[Hook]:
    hook = Hook(list(codes))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            hook.heard.append(json.loads(self.rfile.read(size)))
            code = hook.answer()
            if not code:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(code)
            if code == 302:
                self.send_header("Location", hook.address)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.address = f"http://127.0.0.1:{server.server_port}/{TOKEN}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(webhook, "FIRST_PAUSE", 0.01)
    monkeypatch.setenv("DRIFTBOOK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("NO_PROXY", "*")


def build_target(**more: object) -> Target:
    return Target.model_validate({"name": "prod", "webhook_env": "HOOK", **more})


def tell(joined: Joined, told: Told, hook: Hook, **more: object) -> tuple[Told, list[str]]:
    told, problems = tell_webhook(joined, told, build_target(**more), hook.address, [hook.address])
    assert TOKEN not in "".join(map(str, problems))
    return told, [problem.problem for problem in problems]


def test_only_a_change_is_told() -> None:
    other = join_results([build_result(build_finding(3))])
    below = join_results([build_result(build_finding(1), build_finding(7, "medium"))])
    with listening(200) as hook:
        told = Told()
        for joined, heard in ((FAIL, 1), (FAIL, 1), (below, 1), (other, 2), (PASS, 3), (PASS, 3)):
            told, problems = tell(joined, told, hook)
            assert (len(hook.heard), problems) == (heard, [])
        tell(PASS, told, hook, notify="always")
        assert len(hook.heard) == 4
        tell(FAIL, told, hook, notify="never")
        assert len(hook.heard) == 4


def test_a_server_that_fails_for_a_while_is_told_in_the_end() -> None:
    with listening(500, 503, 200) as hook:
        told, problems = tell(FAIL, Told(), hook)
        assert (len(hook.heard), problems) == (3, [])
        assert told.verdict == "fail"


@pytest.mark.parametrize(
    ("code", "times", "problem"),
    [
        pytest.param(500, 3, "it answered 500, 3 times", id="an error of the server"),
        pytest.param(429, 3, "it answered 429, 3 times", id="too many"),
        pytest.param(0, 3, "it could not be reached, 3 times", id="it hangs up"),
        pytest.param(404, 1, "it answered 404", id="not there"),
        pytest.param(302, 1, "it answered 302", id="it leads elsewhere"),
    ],
)
def test_a_failed_delivery_is_a_warning_and_told_by_the_next_audit(
    code: int, times: int, problem: str
) -> None:
    with listening(code) as hook:
        told, problems = tell(FAIL, Told(), hook)
        assert problems == [f"the webhook was not told: {problem}"]
        assert (len(hook.heard), told) == (times, Told())
    with listening(200) as hook:
        assert tell(FAIL, told, hook)[1] == []
        assert len(hook.heard) == 1


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/{TOKEN}"
        assert send_message({"text": ""}, address) == "it did not answer in time, 3 times"


@pytest.mark.parametrize(
    "address", ["", "hooks", "ftp://h/x", "http://", "http://[x/", "file:///x"]
)
def test_what_is_no_address_is_said_so(address: str) -> None:
    _, (problem,) = tell_webhook(FAIL, Told(), build_target(), address, [])
    assert "was not told: " in problem.problem
    assert problem.where == "variable HOOK"


def test_names_are_told_only_if_that_is_wished() -> None:
    message = build_message(FAIL)
    assert message["result"] == {
        "target": "prod",
        "audit_id": FAIL.audit_id,
        "verdict": "fail",
        "fail_on": "high",
        "counts": {"high": 1, "low": 1},
        "failing": 1,
        "accepted": 0,
        "incomplete": 0,
        "reports": {"drift_audit": "fail"},
    }
    assert message["text"] == "✕ FAIL Production: 1 high, 1 low"
    assert "public" not in json.dumps(message)
    assert "public.t1" in json.dumps(build_message(FAIL, names=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_no_mention_and_fits_a_block(text: str) -> None:
    findings = [build_finding(number, title=f"<!channel> {text}") for number in range(20)]
    message = build_message(join_results([build_result(*findings)]), names=True)
    body = message["blocks"][1]["elements"][0]["text"]  # type: ignore[index]
    assert "<" not in body
    assert 0 < len(body) <= 3000
    assert json.dumps(message, ensure_ascii=False).encode()


def test_slack_gets_its_own_fields_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, object]] = []

    def post(message: dict[str, object], _: str) -> int:
        sent.append(message)
        return 200

    monkeypatch.setattr(webhook, "_post", post)
    for host in ("hooks.slack.com", "hooks.example.org"):
        assert send_message(build_message(FAIL), f"https://{host}/x") == ""
    assert [sorted(message) for message in sent] == [
        ["blocks", "text"],
        ["blocks", "result", "text"],
    ]


def test_a_message_with_a_secret_is_not_sent() -> None:
    leaking = join_results([build_result(build_finding(1, title="it is correct-horse-9"))])
    with listening(200) as hook, pytest.raises(PublishRefused):
        tell_webhook(
            leaking, Told(), build_target(notify_names=True), hook.address, ["correct-horse-9"]
        )
    assert hook.heard == []


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., list[DriftbookError]]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))

    def run(joined: Joined, **more: object) -> list[DriftbookError]:
        return hand_out(Outputs(joined), build_target(**more), read_settings())

    return run


def test_what_is_told_is_kept_and_a_pass_is_remembered(
    hand: Callable[..., list[DriftbookError]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    metrics = tmp_path / "metrics.prom"
    with listening(200) as hook:
        monkeypatch.setenv("HOOK", hook.address)
        for joined in (PASS, FAIL, FAIL):
            assert hand(joined, outputs=["markdown"], metrics_file=metrics) == []
        assert len(hook.heard) == 2
    assert read_told("prod").last_pass == PASS.run_at
    assert "driftbook_last_pass_timestamp_seconds" in metrics.read_text(encoding="utf-8")
    assert (tmp_path / "summary").read_text(encoding="utf-8").count("## ") == 3
    assert [path.name for path in tmp_path.iterdir() if ".new" in path.name] == []


def test_an_audit_that_could_not_be_made_is_told(
    hand: Callable[..., list[DriftbookError]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hand(PASS, notify="never") == []
    with listening(200) as hook:
        monkeypatch.setenv("HOOK", hook.address)
        error = DriftbookError("the server cannot be reached", fix="check host")
        audit_id = PASS.audit_id
        assert tell_failure(error, audit_id, build_target(), read_settings()) == []
    assert hook.heard[0]["text"] == "! ERROR prod: nothing was judged"


def test_what_cannot_be_written_is_a_warning(
    hand: Callable[..., list[DriftbookError]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary"))
    (tmp_path / "state").write_text("no folder", encoding="utf-8")
    problems = hand(
        PASS, outputs=["markdown"], metrics_file=tmp_path / "no" / "metrics", notify="never"
    )
    assert [problem.problem.partition(":")[0] for problem in problems] == [
        "the step summary cannot be written",
        "the metrics file cannot be written",
        "what others were told cannot be kept",
    ]


def test_a_broken_memory_tells_again() -> None:
    write_told("prod", Told(verdict="fail"))
    assert read_told("prod").verdict == "fail"
    assert read_told("other") == Told()
