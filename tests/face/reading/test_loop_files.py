"""Loops in files: what they mean, what is refused, and that JSON has them as a file does."""

import json
import math

import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.errors import InputError
from recurate.printing.as_json import as_json
from recurate.reading.loop_files import loop_entries, read_loop_file
from recurate.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)

EVERYTHING = """
lam = [1, inf]
retained = 0.25

[[rule]]
kind = "voters"
voters = [
    {share = 0.5, kind = "bradley-terry", K = inf, scale = -2, by = "length"},
    {share = 0.25, kind = "random"},
    {share = 0.25, kind = "stages", stages = [{kind = "top", top = 0.5}, {kind = "best", K = 3}]},
]

[[rule]]
kind = "pairwise"
matrix = [[0.5, 0.25], [0.75, 0.5]]
of = "groups"
"""
RULES = [
    Voters(
        (
            (0.5, BradleyTerry(math.inf, scale=-2, by="length")),
            (0.25, RandomChoice()),
            (0.25, Stages((TopShare(0.5), BestOf(3)))),
        )
    ),
    PairwisePreference([[0.5, 0.25], [0.75, 0.5]], of="groups"),
]


@pytest.fixture
def read(tmp_path):
    """Return what a text says of a loop, in a file loop.toml."""

    def of(text):
        path = tmp_path / "loop.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_loop_file(str(path))

    return of


def test_a_file_says_all_that_a_loop_takes(read):
    found = read(EVERYTHING)
    assert found.arguments == {"lam": [1, math.inf], "retained": 0.25, "rule": RULES}
    assert found.columns == ("length",)
    assert found.steps == 2


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("K = 4", {"K": 4}),
        ('K = "inf"\nlam = "inf"', {"K": math.inf, "lam": math.inf}),
        (
            '[rule]\nkind = "accept"\nby = "correct"\nnone = "keep"\n[training]\nper_round = 2',
            {"rule": Accept("correct", none="keep"), "training": Accumulate(1, 2)},
        ),
        ('[rule]\nkind = "accept"', {"rule": Accept(None)}),
        ('rule = {kind = "best", K = 6, keep = 2}', {"rule": BestOf(6, keep=2)}),
    ],
)
def test_short_files(read, text, arguments):
    assert read(text).arguments == arguments


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("K = \n", "Invalid value (at line 1, column 5)"),
        ("lam = 1\nK = 4\nlam = 2\n", "as docs/loop_files.md shows: Cannot overwrite a value (at"),
        (b"K = '\xff'", "must be TOML: it is no text in UTF-8"),
        ("lam = 1", "must have either a table [rule], or K"),
        ("K = 4\nrule = {kind = 'random'}", "short for Bradley–Terry's choice among K; got both"),
        ("K = 4\nlamb = 1", "loop.toml: lamb: no such key; allowed here: rule, K, lam, retained, "
         "training; did you mean lam?"),
        ("K = true", "loop.toml: K: must be a number; got True"),
        ("K = [2, 4]", "loop.toml: K: must be a number; got [2, 4]"),
        ("K = 4\nlam = [1, 'x']", "loop.toml: lam[1]: must be a number; got 'x'"),
        ("K = 4\nlam = []", "loop.toml: lam: must have one entry for each step; got none"),
        ("K = 4\nlam = [1, 2]\nretained = [0.1]", "so one length; got 2 of lam, 1 of retained"),
        ("rule = 3", 'loop.toml: rule: must be a table, such as {kind = "best", K = 4}; got 3'),
        ("rule = {}", "loop.toml: rule.kind: must be one of 'bradley-terry', 'best', 'top', "
         "'accept', 'pairwise', 'random', 'voters', 'stages'; got nothing"),
        ("rule = {kind = 'bradly-terry'}", "got 'bradly-terry'; did you mean bradley-terry?"),
        ("rule = {kind = 4}", "loop.toml: rule.kind: must be one of"),
        ("rule = {kind = 'best'}", "loop.toml: rule.K: must be given for kind = 'best'"),
        ("rule = {kind = 'best', K = 0}", "loop.toml: rule: K must be an integer of at least 1"),
        ("rule = {kind = 'best', K = 4, kep = 2}", "rule.kep: no such key; allowed here: kind, K, "
         "keep, by; did you mean keep?"),
        ("rule = {kind = 'top', top = 25}", "loop.toml: rule: share must be above 0 and at most 1"),
        ("rule = {kind = 'best', K = 4, by = 3}", "loop.toml: rule: by must be the name"),
        ("rule = {kind = 'pairwise', matrix = [[0.5, 0.5], [0.6, 0.5]]}", "rule: matrix"),
        ("rule = {kind = 'voters', voters = []}", "loop.toml: rule.voters: must be a list of "
         "tables, each with a share and a kind; got []"),
        ("rule = {kind = 'stages'}", "loop.toml: rule.stages: must be a list of tables of rules"),
        ("rule = {kind = 'voters', voters = [3]}", "loop.toml: rule.voters[0]: must be a table"),
        ("rule = {kind = 'voters', voters = [{kind = 'random'}]}", "rule.voters[0].share: "
         "must be the voter's share of the choices"),
        ("rule = {kind = 'voters', voters = [{share = 0.5, kind = 'random'}, {share = 0.5}]}",
         "loop.toml: rule.voters[1].kind: must be one of"),
        ("rule = {kind = 'voters', voters = [{share = 0.5, kind = 'random'}]}",
         "loop.toml: rule: shares of voters must sum to 1"),
        ("[[rule]]\nkind = 'random'\n[[rule]]\nkind = 'rndom'", "rule[1].kind: must be one of"),
        ("rule = {kind = 'stages', stages = [{kind = 'stages', stages = [{kind = 'x'}]}]}",
         "loop.toml: rule.stages[0].stages[0].kind: must be one of"),
        ("K = 4\ntraining = {real = 0}", "loop.toml: training: real must be"),
        ("K = 4\ntraining = 2", "loop.toml: training: must be a table, such as training = {real"),
        ("K = 4\ntraining = {rel = 1}", "training.rel: no such key; allowed here: real, per_round"),
        ("K = 4\nlam = 1\ntraining = {}", "lam and training must not both be given"),
        ("K = 4\nretained = 0.1\ntraining = {}", "retained and training must not both be given"),
        ("K = 4\nx" + ".a" * 5000 + " = 1", "loop.toml: x: no such key"),
        ("rule = " + "[" * 5000, "tables must be nested"),
    ],
)  # fmt: skip
def test_what_a_file_must_not_say(read, text, message):
    with pytest.raises(InputError) as refused:
        read(text)
    assert message in str(refused.value)
    assert "loop.toml" in str(refused.value)


def test_json_has_a_loop_as_a_file_has_it(read):
    # Sequences, infinities, matrices and nested rules: what is written is read as the same loop.
    law = RewardLaw([0.0, 1.0], groups="ab", scores={"length": [1, 2]})
    loop = CurationLoop(law, **read(EVERYTHING).arguments)
    written = json.loads(as_json(loop_entries(loop)))
    assert set(written) == {"rule", "lam", "retained"}
    assert written["lam"] == [1, "inf"]
    from_json = read(_toml(written))
    assert from_json.arguments == {"lam": [1, math.inf], "retained": 0.25, "rule": RULES}


def test_json_has_what_is_usual_in_a_word():
    law = RewardLaw([0.0, 1.0])
    assert loop_entries(CurationLoop(law, K=4, lam=1.0)) == {
        "rule": {"kind": "bradley-terry", "K": 4, "scale": 1},
        "lam": 1.0,
    }
    grown = CurationLoop(law, rule=TopShare(0.5), training=Accumulate(2, 1))
    assert loop_entries(grown) == {
        "rule": {"kind": "top", "top": 0.5},
        "training": {"real": 2.0, "per_round": 1.0},
    }


def _toml(value):
    """Return JSON as TOML writes it; top-level tables become keys."""
    if isinstance(value, dict):
        return "\n".join(f"{key} = {_inline(entry)}" for key, entry in value.items())
    return _inline(value)


def _inline(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)
