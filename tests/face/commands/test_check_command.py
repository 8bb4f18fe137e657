"""`recurate check`: files for programs, exit codes, and what it refuses."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from recurate.numerics import curation
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.nearest import CANDIDATES, MIXINGS

from .in_process import recurate


def test_check_writes_results(tmp_path):
    json_path, junit_path = tmp_path / "results.json", tmp_path / "results.xml"
    done = recurate(
        *("check", "ratio-bound", "theorem-2.4", "--seed", "7", "--jobs", "2"),
        *("--json", json_path, "--junit", junit_path),
    )
    assert done.exit_code == 0
    mutants = sum(len(CHECKS[name].mutants) for name in ("ratio-bound", "theorem-2.4"))
    assert f"2 holds; {mutants} of {mutants} mutants refuted (quick, seed 7)" in done.stdout
    document = json.loads(json_path.read_text())
    assert [result["id"] for result in document["results"]] == ["ratio-bound", "theorem-2.4"]
    for result in document["results"]:
        assert result["verdict"] == "holds"
        assert set(result["evidence"]) == {
            *("property", "exact", "certified", "symbolic", "formal")
        }
        for kind, evidence in result["evidence"].items():
            assert evidence["cases"] > 0
            assert evidence["seconds"] >= 0
            assert evidence["witness"] is None
            assert (evidence["least_margin"] is None) == (kind in ("symbolic", "formal"))
            near = evidence["nearest"]
            tried = 0 if kind in ("symbolic", "formal") else evidence["cases"]
            assert sum(one["cases"] for one in near) == tried
            assert {one["K"] for one in near} <= set(CANDIDATES)
            assert {one["lam"] for one in near} <= set(MIXINGS)
            told = [one for one in near if one["margin"] is not None]
            assert [one["margin"] for one in told] == sorted(one["margin"] for one in told)
            assert [one["margin"] for one in told[:1]] == [evidence["least_margin"]] * bool(near)
            assert all("nearest_margin(" in one["replay"] and one["loop"] for one in told)
        assert result["mutants"]["killed"] == result["mutants"]["total"] >= 3
    suites = ElementTree.parse(junit_path).getroot()
    assert [suite.get("name") for suite in suites] == ["ratio-bound", "theorem-2.4"]
    assert {suite.get("failures") for suite in suites} == {"0"}


@pytest.mark.parametrize(
    ("option", "value"), [("--level", "most"), ("--jobs", "0"), ("--seed", "-1"), ("--seed", "x")]
)
def test_check_refuses_bad_options(option, value):
    done = recurate("check", "ratio-bound", option, value)
    assert done.exit_code == 2
    assert option in done.stderr


def test_check_needs_two_files(tmp_path):
    path = tmp_path / "results"
    done = recurate("check", "ratio-bound", "--json", path, "--junit", path)
    assert done.exit_code == 2
    assert "--json and --junit must be two files" in done.stderr


def test_check_knows_before_the_work_that_a_file_cannot_be_written(tmp_path):
    path = tmp_path / "nowhere" / "results.json"
    done = recurate("check", "ratio-bound", "--json", path)
    assert done.exit_code == 2
    assert str(path) in done.stderr


def test_check_of_an_unknown_result_names_the_closest():
    done = recurate("check", "theorem-2.5")
    assert done.exit_code == 2
    assert "ID must be a result, such as theorem-2.4, theorem-2.3" in done.stderr


def test_check_exits_1_and_prints_the_witness_where_a_result_is_violated(monkeypatch):
    # The same command on an engine that lets the least preferred candidate win.
    true_ratio = curation.log_curation_ratio

    def turned(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return true_ratio(-rewards, probs, K, log_probs=log_probs)

    monkeypatch.setattr(curation, "log_curation_ratio", turned)
    done = recurate("check", "lemma-2.2", "--jobs", "1")
    assert done.exit_code == 1
    assert "lemma-2.2 is violated, not certified (property): balls do not confirm" in done.stdout
    assert "\nby RewardLaw(" in done.stdout
    assert "from recurate.paper_checks.replay import least_margin" in done.stdout
    assert "1 violated, not certified; " in done.stdout
