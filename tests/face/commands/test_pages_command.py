"""`recurate check --html` and `recurate explain --html`."""

import json

import pytest

from recurate.paper_checks import runner
from recurate.paper_checks.evidence import manifest
from recurate.paper_checks.evidence.kinds import Effort

from .in_process import recurate, refused


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    little = Effort(property=4, exact=8, certified=3, sampled=1, uses_cache=True)
    monkeypatch.setitem(runner.EFFORTS, "quick", little)
    monkeypatch.setattr(manifest, "require_current", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_check_writes_a_page_for_each_result(here):
    done = recurate("check", "ratio-bound", "lemma-2.2", "--jobs", "1", "--html", "report")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "wrote report/index.html"
    names = ["graph.html", "index.html", "results"]
    assert tree(here / "report") == [*names, "results/lemma-2.2.html", "results/ratio-bound.html"]
    index = (here / "report" / "index.html").read_text()
    assert "results/lemma-2.2.html" in index
    assert "recurate check ratio-bound lemma-2.2 --level quick --seed 0 --html DIR" in index
    assert str(here) not in index


def test_report_beside_json_on_standard_output(here):
    done = recurate("check", "ratio-bound", "--jobs", "1", "--html", "d", "--json", "-")
    assert json.loads(done.stdout)["results"][0]["id"] == "ratio-bound"
    assert (here / "d" / "index.html").exists()


def test_a_folder_that_cannot_be_is_refused_before_the_work(here, monkeypatch):
    monkeypatch.setattr(runner, "run_checks", None)
    (here / "file").write_text("theirs")
    (here / "site").mkdir()
    (here / "site" / "index.html").write_text("theirs")
    for folder, message in (
        ("file", "--html must be a folder; got the file file"),
        ("file/below", "--html must be a folder; got the file file"),
        ("site", "--html would overwrite site/index.html, which is no page of recurate's"),
        ("lemma-2.2", "--html needs a folder; got 'lemma-2.2'"),
        ("-", "--html needs a folder; got '-'"),
        ("--margins", "--html needs a folder; got '--margins'"),
        ("", "--html needs a folder; got ''"),
    ):
        refused("check", "ratio-bound", "--html", folder, message=message)
    assert tree(here) == ["file", "site", "site/index.html"]
    assert (here / "site" / "index.html").read_text() == "theirs"


def test_an_altered_result_has_no_report():
    refused(
        *("check", "theorem-2.3", "--without", "start", "--html", "d"),
        message="--html is for results as they are",
    )


def test_explain_writes_the_same_page_without_evidence(here):
    assert recurate("explain", "lemma-2.2", "--html", "page.html").exit_code == 0
    page = (here / "page.html").read_text()
    assert recurate("explain", "lemma-2.2", "--html", "-").stdout == page
    assert '<section aria-labelledby="proof">' in page
    assert "recurate check lemma-2.2 --html DIR" in page


def test_explain_refuses_what_is_no_file():
    refused("explain", "lemma-2.2", "--html", "x", "--json", message="--html cannot be given")
    refused("explain", "lemma-2.2", "--html", "--json", message="--html needs a file, or -")
    refused("explain", "lemma-2.2", "--html", "lemma-2.1", message="--html needs a file")
    refused("explain", "lemma-2.2", "--html", "no/folder/x", message="no/folder/x")
