"""`recurate predict --rows sampled`: estimates for all answers, and where they end."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from recurate import CurationLoop, RewardLaw
from recurate.cli import app
from recurate.numerics.inference.sampled_rows import extrapolated

PROMPTS, ROWS = 400, 16
# E[r] of the pure loop of standard normal rewards, K = 4, at t = 1 (the figures, from all
# answers); the table of 16 rows a prompt says .576 there.
TRUTH = 0.608


def run(*arguments):
    done = CliRunner().invoke(app, ["predict", *map(str, arguments)])
    if not isinstance(done.exception, SystemExit | None):
        raise done.exception
    return done


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("sampled") / "rollouts.csv"
    generator = np.random.default_rng(5)
    rewards = generator.normal(size=(PROMPTS, ROWS)).round(6)
    lengths = (100 + 20 * rewards + generator.normal(size=rewards.shape)).round(3)
    with path.open("w") as file:
        file.write("prompt,reward,length\n")
        for z, (r, n) in enumerate(zip(rewards, lengths, strict=True)):
            file.writelines(f"p{z},{x},{y}\n" for x, y in zip(r, n, strict=True))
    return path, rewards, lengths


OPTIONS = ("--prompt-column", "prompt", "--follow", "length", "--steps", "4", "--seed", "3")


@pytest.fixture(scope="module")
def document(table):
    return json.loads(run(table[0], *OPTIONS, "--rows", "sampled", "--json").stdout)


def test_json_has_the_estimates_beside_the_table_s_own_figures(table, document):
    _, rewards, lengths = table
    assert document["parameters"]["rows"] == "sampled"
    law = RewardLaw(
        rewards.ravel(),
        prompts=np.repeat([f"p{z}" for z in range(PROMPTS)], ROWS),
        scores={"length": lengths.ravel()},
    )
    loop = CurationLoop(law, K=4, lam=np.inf)
    own = loop.run(steps=4).to_dict()
    own["expected_reward_in_unit"] = own["expected_reward"]
    assert document["trajectory"] == own
    found = extrapolated(loop, 4, rng=3)
    estimates = document["estimates"]
    known = estimates["known_until"]
    assert known == found.known_until
    assert 1 <= known < 4
    for end in ("values", "low", "high"):
        for name, values in estimates[end].items():
            assert None not in values[: known + 1], name
            assert set(values[known + 1 :]) == {None}, name
    assert estimates["values"]["expected_reward"][1] == found.estimates["expected_reward"][1]
    assert estimates["values"]["score[length]"][1] == found.expected_scores[1, 0]
    low, high = (estimates[end]["expected_reward"][1] for end in ("low", "high"))
    assert low < TRUTH < high
    assert document["trajectory"]["expected_reward"][1] < low  # which the table's own is not
    assert document["fixed_point"] == {
        "missing": "a sample does not show the best answer of each prompt"
    }


def test_estimates_are_printed_and_marked_where_they_are_not_known(table, document):
    path, *_ = table
    lines = run(path, *OPTIONS, "--rows", "sampled").stdout.splitlines()
    estimates, known = document["estimates"]["values"], document["estimates"]["known_until"]
    rows = {line.split()[0]: line.split()[1:] for line in lines if line[:3].strip().isdigit()}
    assert rows["1"] == [
        f"{estimates[name][1]:.4f}"
        for name in ("expected_reward", "score[length]", "kl_to_reference")
    ]
    assert rows[str(known + 1)] == ["?"] * 3
    text = " ".join(" ".join(lines).split())
    assert "?: not known from so few rows." in text
    assert f"95% bands at t = {known}, of the estimates: E[r] " in text
    assert f"known until t = {known}; from t = {known + 1} on 16 rows a prompt" in text
    assert "at max" not in text  # which is about the best answer of all
    assert "∞" not in "".join(lines[5:])


def test_files_of_sampled_rows(table, document, tmp_path):
    path, *_ = table
    run(path, *OPTIONS, "--rows", "sampled", "--out", tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["estimates.csv", "trajectory.csv"]
    with (tmp_path / "estimates.csv").open() as file:
        rows = list(csv.DictReader(file))
    estimates = document["estimates"]
    assert len(rows) == 5
    for end, key in (("", "values"), (" low", "low"), (" high", "high")):
        for name in ("expected_reward", "kl_to_reference", "score[length]"):
            assert float(rows[1][f"{name}{end}"]) == estimates[key][name][1]
    assert rows[4]["expected_reward"] == "nan"


def test_without_the_option_one_line_says_until_which_step_a_sample_would_do(table):
    path, *_ = table
    options = (*OPTIONS[:2], "--steps", "3", "--bands", "0")
    text = " ".join(run(path, *options).stdout.split())
    assert "if its rows are a sample of each prompt's answers (--rows sampled): known until" in text
    document = json.loads(run(path, *options, "--json").stdout)
    assert document["estimates"] is None
    assert f"known until t = {document['uncertainty']['sampled_rows_known_until']};" in text
    pooled = run(path, "--bands", "0", "--steps", "1")
    assert "--rows sampled" not in pooled.stdout


def test_too_few_prompts_know_nothing(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("prompt,reward\n" + "".join(f"{i % 3},{i}\n" for i in range(24)) + "4,1\n")
    done = run(path, "--prompt-column", "prompt", "--rows", "sampled", "--steps", "1")
    text = " ".join(done.stdout.split())
    assert "not known at any step: 4 prompts with 8 rows a prompt (the median) are too few" in text
    assert "1 of 4 prompts with fewer than 4 rows left out (0.04 of the weight)" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--rows", "sampled"), "name the column of prompts with --prompt-column"),
        (
            ("--rows", "sampled", "--prompt-column", "prompt", "--theory"),
            "--theory needs the best answer of each prompt, which --rows sampled leaves open",
        ),
    ],
)
def test_what_cannot_be_is_refused(table, options, message):
    done = run(table[0], *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
