"""`recurate hunt`: verdicts, exit codes, and what it refuses."""

import json

import pytest

from recurate.paper_checks.hunt.margins import CheckConjecture

from .in_process import document, recurate


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("theorem-2.2",), "theorem-2.2 is about something else: recurate check theorem-2.2 looks"),
        (("share-envelope",), "which the optimisers search; share-envelope is about something"),
        (("reward-monoton",), "such as reward-monotone"),
        (("reward-monotone", "--budget", "5x"), "--budget must be a time above 0, such as 60s"),
        (("reward-monotone", "--budget", "0s"), "got '0s'"),
    ],
)
def test_hunt_refuses_bad_input(arguments, message):
    done = recurate("hunt", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_hunt_refutes_a_mutant_and_prints_how_to_see_it_again():
    done = recurate("hunt", "lemma-2.2#0", "--budget", "60s")
    assert done.exit_code == 1
    assert "lemma-2.2#0: refuted" in done.stdout
    assert "certified" in done.stdout
    assert "least_margin" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_hunt_says_what_is_violated_and_not_certified_and_exits_0(monkeypatch, arguments):
    def fails(self, case, bits):
        raise TypeError("no balls here")

    monkeypatch.setattr(CheckConjecture, "certify", fails)
    done = recurate("hunt", "lemma-2.2#0", "--budget", "20s", *arguments)
    assert done.exit_code == 0
    cause = "the function fails on balls with TypeError: no balls here"
    if arguments:
        found = json.loads(done.stdout)
        assert (found["verdict"], found["note"]) == ("violated", cause)
        assert found["least_margin"] < 0
        assert found["certified_margin"] is None
    else:
        first = done.stdout.splitlines()[0]
        assert first.startswith(f"lemma-2.2#0: violated, not certified: {cause} (")


def test_hunt_writes_json():
    found = document("hunt", "theorem-2.4", "--budget", "1s")
    assert found["verdict"] == "open"
    assert found["evaluations"] > 0
