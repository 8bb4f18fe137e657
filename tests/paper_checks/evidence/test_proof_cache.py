"""The cache of verified proofs: what it says counts only if a verification could have said it."""

import dataclasses
import itertools
import json
import logging
import os

import pytest

from recurate.numerics import own_files
from recurate.numerics.own_files import as_text
from recurate.paper_checks.evidence import proof_cache
from recurate.paper_checks.evidence.proof_cache import checked
from recurate.theory.catalogue import STATEMENTS
from recurate.theory.proving.proof import Proof

from ...damage import damaged, edited

STATEMENT = STATEMENTS["curation-order"]  # with a step that is cited, and steps that rest on it


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "recurate" / "proofs"


@pytest.fixture
def kept(folder):
    """The file of one proof in the cache, and what it says."""
    steps = checked(STATEMENT).steps
    assert {step.state for step in steps} == {"verified", "cited"}
    assert any(step.citations for step in steps)
    (path,) = folder.iterdir()
    return path, steps


def outcomes(steps):
    return [dataclasses.replace(step, seconds=0.0) for step in steps]


def test_no_damaged_record_counts(kept, monkeypatch):
    path, steps = kept
    monkeypatch.setattr(logging.getLogger("recurate"), "disabled", True)
    content = path.read_bytes()
    # The hash of the proof itself takes the most time, and is the same each time.
    monkeypatch.setattr(proof_cache, "_content_hash", lambda _: json.loads(content)["content"])
    forms = [json.dumps(other).encode() for other in edited(json.loads(content))]
    for form in itertools.chain(forms[::4], damaged(content, 60)):
        path.write_bytes(form)
        assert proof_cache._read(STATEMENT) in (None, steps), form
    path.write_bytes(content)
    assert proof_cache._read(STATEMENT) == steps


def test_no_record_with_a_right_checksum_counts_if_no_verification_says_it(kept, monkeypatch):
    path, steps = kept
    monkeypatch.setattr(logging.getLogger("recurate"), "disabled", True)
    document = json.loads(path.read_bytes())
    del document["checksum"]
    monkeypatch.setattr(proof_cache, "_content_hash", lambda _: document["content"])
    accepted = 0
    for other in itertools.islice(edited(document), 0, None, 4):
        try:
            path.write_text(json.dumps({**other, "checksum": own_files._checksum(other)}))
        except TypeError:  # it is no object
            continue
        found = proof_cache._read(STATEMENT)
        if found is None:
            continue
        accepted += 1
        # Another time, or fewer citations, could be true; no step counts for more than it does.
        for one, step in zip(found, steps, strict=True):
            assert (one.label, one.reason) == (step.label, step.reason) or one.state == "failed"
            assert one.state in (step.state, "failed")
            assert set(one.citations) <= {s.label for s in steps if s.state == "cited"}
    assert accepted > 3


@pytest.mark.parametrize(
    "change",
    [
        {"state": "FAILED"},
        {"state": "cited"},
        {"citations": ("unknown",)},
        {"reason": "it fails"},
        {"label": "another"},
        {"seconds": -1.0},
    ],
)
def test_what_is_edited_is_verified_again_and_that_is_said(kept, caplog, change):
    path, steps = kept
    number = next(i for i, step in enumerate(steps) if step.state == "verified")
    record = own_files.read_record(path, proof_cache._Kept)
    altered = dataclasses.replace(steps[number], **change)
    edited_steps = (*steps[:number], altered, *steps[number + 1 :])
    path.write_text(as_text(dataclasses.replace(record, steps=edited_steps)), encoding="utf-8")
    again = checked(STATEMENT)
    assert not again.from_cache
    assert outcomes(again.steps) == outcomes(steps)
    (line,) = caplog.messages
    assert line.startswith(f"recurate: {str(path)!r} ")
    assert line.endswith(": the proof is verified again")
    caplog.clear()
    assert checked(STATEMENT).from_cache
    assert not caplog.messages


def test_a_file_of_another_proof_does_not_count(kept, folder, caplog):
    path, _ = kept
    other = STATEMENTS["ratio-bound"]
    path.rename(folder / path.name.replace(STATEMENT.id, other.id))
    assert not checked(other).from_cache
    assert "is of another proof" in caplog.text


def test_another_proof_of_the_same_name_and_labels_does_not_count(kept, caplog):
    last = STATEMENT.proof.steps[-1]
    because = STATEMENTS["lemma-2.2"].proof.steps[0].because
    steps = (*STATEMENT.proof.steps[:-1], dataclasses.replace(last, because=because))
    proof = dataclasses.replace(STATEMENT.proof, steps=steps)
    broken = dataclasses.replace(STATEMENT, proof=proof)
    found = checked(broken)
    assert not found.from_cache
    assert found.count("failed") == 1
    assert not caplog.messages  # no file is damaged


def test_a_proof_of_ones_own_is_not_kept(folder):
    """It may rest on code outside theory/, whose changes no hash would show."""
    mine = dataclasses.replace(STATEMENTS["ratio-bound"], module="")
    assert checked(mine).count("verified") == 3
    assert not checked(mine).from_cache
    assert not folder.exists()


def test_a_folder_in_its_place_is_replaced(kept, caplog):
    path, _ = kept
    path.unlink()
    (path / "below").mkdir(parents=True)
    assert not checked(STATEMENT).from_cache
    assert "is not a file: the proof is verified again" in caplog.text
    assert checked(STATEMENT).from_cache


def test_without_a_home_nothing_is_kept(monkeypatch, tmp_path, caplog):
    """As for a user that the system does not know, in a container: "~" then stands for itself."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert not checked(STATEMENTS["ratio-bound"]).from_cache
    assert os.listdir(tmp_path) == []
    assert not caplog.messages


def test_a_user_s_cache_folder_is_taken(monkeypatch, tmp_path):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    checked(STATEMENTS["ratio-bound"])
    (path,) = tmp_path.rglob("ratio-bound-*.json")
    assert path.parent.parts[-2:] == ("recurate", "proofs")


def test_the_hash_of_a_proof_is_that_of_its_content():
    """Of equal parts it does not matter which are one object, nor what was verified before."""
    proof = STATEMENT.proof
    one = proof_cache._content_hash(proof)
    proof.verify()
    assert proof_cache._content_hash(Proof(proof.steps, dict(proof.supposed), proof.general)) == one
    others = [
        proof.without(list(proof.supposed)[:1]),
        dataclasses.replace(proof, steps=proof.steps[:-1]),
        dataclasses.replace(proof, supposed={**proof.supposed, "more": proof.steps[0].claim}),
    ]
    assert len({one, *map(proof_cache._content_hash, others)}) == 4
    assert (
        proof_cache._content_hash(dataclasses.replace(proof, general={"f": (lambda: 0,)})) is None
    )
