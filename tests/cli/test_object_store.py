"""Reports in an object store, by a real S3 server on loopback."""

from __future__ import annotations

import json
import logging
import signal
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from fsspec.core import url_to_fs
from moto.server import ThreadedMotoServer
from tests.cli.program import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fsspec import AbstractFileSystem
    from tests.cli.program import Program

KEY = "wJalrXUtnFEMIcanaryK7MDENGbPxRfiCYEXAMPLEKEY"
REPORTS = "s3://audits/team/reports"


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """Yield the environment in which s3:// leads to a server of this test."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "AKIDCANARY",
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    server.stop()


@pytest.fixture
def bucket(s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[AbstractFileSystem]:
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    files, _ = url_to_fs(REPORTS, skip_instance_cache=True, use_listings_cache=False)
    files.mkdir("audits")
    yield files
    files.rm("audits", recursive=True)


@pytest.fixture
def files_only(program: Program) -> Program:
    program.write(
        "params/targets.toml",
        f'reports = "{REPORTS}"\n[targets.app]\nmigrations = "migrations"\nkeep_audits = 1\n',
    )
    program.write("migrations/20250101000000_a.sql", "select 1;")
    return program


def list_names(bucket: AbstractFileSystem) -> list[str]:
    return [path.removeprefix("audits/team/reports/") for path in bucket.find("audits")]


def test_audits_go_to_the_bucket_and_its_index_knows_them_all(
    files_only: Program, s3: dict[str, str], bucket: AbstractFileSystem
) -> None:
    first = files_only("audit", "app", "--json", **s3, SOURCE_DATE_EPOCH="1793491200")
    assert first.code == 4, first.err
    run = json.loads(first.out)
    assert run["index"] == f"{REPORTS}/index.html"
    result = json.loads(bucket.cat(run["reports"][0]["result"].removeprefix("s3://")))
    assert result["target"]["name"] == "app"
    second = files_only("audit", "app", "--json", **s3, SOURCE_DATE_EPOCH="1793577600")
    assert second.code == 4, second.err
    page = bucket.cat("audits/team/reports/index.html").decode()
    soup = BeautifulSoup(page, "html.parser")
    latest, kept = soup("table")
    assert len(latest.select("tbody tr")) == 2
    assert len(kept.select("tbody tr")) == 4
    links = {str(link["href"]) for link in soup.select("tbody a")}
    assert links <= set(list_names(bucket))
    # Of the first audit the results alone are kept.
    old = json.loads(first.out)["reports"][0]["report"].removeprefix(f"{REPORTS}/")
    assert old not in links
    assert old.replace("report.html", "result.json") in links
    assert "app/latest/tracking_audit.html" in list_names(bucket)
    for name in ("index.html", "app/latest/tracking_audit.html"):
        assert bucket.info(f"audits/team/reports/{name}")["ContentType"] == "text/html"
    assert list(files_only.temporary.iterdir()) == []
    assert not (files_only.home / "reports").exists()
    assert KEY not in first.out + first.err + page


def test_a_bucket_that_is_not_there_is_told_before_the_work(
    files_only: Program, s3: dict[str, str]
) -> None:
    ended = files_only("--reports", "s3://nowhere/x", "audit", "app", **s3)
    ended.check_error(3, "no such bucket or container", "s3://nowhere/x", "make it")
    assert "starting the shadow server" not in ended.err
    doctor = files_only("--reports", "s3://nowhere/x", "doctor", **s3)
    assert doctor.code == 3
    assert "problem  reports: s3://nowhere/x: " in doctor.out


def test_a_storage_that_cannot_be_reached_is_told_without_keys(
    files_only: Program, s3: dict[str, str]
) -> None:
    nowhere = {**s3, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    ended = files_only("audit", "app", **nowhere)
    ended.check_error(3, "it cannot be reached", REPORTS)
    assert KEY not in ended.err
    assert "AKIDCANARY" not in ended.err


def test_a_secret_in_the_address_is_no_configuration(program: Program) -> None:
    program.write("params/targets.toml", f'reports = "s3://key:{KEY}@bucket/x"\n[targets.app]\n')
    ended = program("audit", "app")
    ended.check_error(2, "may hold a secret", "environment")
    assert KEY not in ended.err


def test_an_audit_that_is_stopped_leaves_the_bucket_as_it_was(
    files_only: Program, s3: dict[str, str], bucket: AbstractFileSystem
) -> None:
    with files_only.start("audit", "app", **s3) as run:
        run.wait_for("running migration_history")
        wait_until(lambda: bool(list(files_only.temporary.glob("*/app/*/tracking_audit"))))
        assert run.stop(signal.SIGTERM) == 130
        assert "Traceback" not in run.err
    assert list_names(bucket) == []
    assert list(files_only.temporary.iterdir()) == []
