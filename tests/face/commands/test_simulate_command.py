"""`recurate simulate`, run as a user does."""

import json
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recurate import writing
from recurate.cli import app
from recurate.figures.for_commands import simulated_trajectory
from recurate.numerics.locks import held

TABLE = "reward,group\n0.0,plain\n1.0,liked\n0.5,plain\n"
QUICK = ("--steps", "2", "--generated", "500", "--replicates", "4")


def recurate(*arguments):
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


@pytest.fixture
def rewards(tmp_path):
    path = tmp_path / "rewards.csv"
    path.write_text(TABLE)
    return path


def test_it_prints_simulated_beside_exact(rewards):
    done = recurate(rewards, "--lam", "0.5", *QUICK)
    assert done.exit_code == 0, done.output
    assert (
        "4 replicates; each step 500 generated, 500 curated and 1,000 real samples" in done.stdout
    )
    assert " ± " in done.stdout
    assert "E[e^r]/e^max" in done.stdout
    assert "p-value" in done.stdout


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_json_has_both_trajectories(rewards, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    done = recurate(rewards, *QUICK, "--json", "--backend", backend, "--precision", "float32")
    document = json.loads(done.stdout)
    assert document["parameters"]["samples"] == {
        "generated": 500, "curated": 500, "real": 0, "initial": None, "retained": 0,
    }  # fmt: skip
    exact, simulated = document["exact"], document["simulated"]
    assert exact["group_names"] == simulated["group_names"] == ["plain", "liked"]
    errors = simulated["standard_errors"]["expected_reward"]
    for a, b, error in zip(
        exact["expected_reward"], simulated["expected_reward"], errors, strict=True
    ):
        assert abs(a - b) < 0.2  # the range is 1 and there are 2,000 samples: eight deviations
        assert error > 0
    assert 1e-9 < document["p_value"] <= 1


def test_files_are_written(rewards, tmp_path):
    done = recurate(rewards, *QUICK, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "simulation.png").read_bytes()[:4] == b"\x89PNG"
    assert len((tmp_path / "out" / "simulation.csv").read_text().splitlines()) == 4


def test_a_run_is_kept_and_read(rewards, tmp_path):
    path = tmp_path / "run.npz"
    first, second = (recurate(rewards, *QUICK, "--json", "--checkpoint", path) for _ in range(2))
    assert path.exists()
    assert first.stdout == second.stdout
    refused = recurate(rewards, *QUICK, "-K", "3", "--checkpoint", path)
    assert refused.exit_code == 2
    assert "has K = 4.0, and this run 3.0" in refused.output


def test_a_damaged_checkpoint_is_said_and_another_file_is_left(rewards, tmp_path):
    path = tmp_path / "run"
    whole = recurate(rewards, *QUICK, "--json", "--checkpoint", path)
    content = path.read_bytes()
    path.write_bytes(content[:-5])
    done = recurate(rewards, *QUICK, "--json", "--checkpoint", path)
    assert done.exit_code == 0
    assert done.stdout == whole.stdout
    assert path.read_bytes() == content
    table = tmp_path / "table.csv"
    table.write_text("reward\n1\n2\n")
    refused = recurate(rewards, *QUICK, "--checkpoint", table)
    assert refused.exit_code == 2
    assert "checkpoint must be a file that this version of simulate wrote" in refused.output
    assert table.read_text() == "reward\n1\n2\n"


def test_files_wait_for_those_of_another_run(monkeypatch, rewards, tmp_path):
    with ThreadPoolExecutor(1) as pool:
        with held(tmp_path):
            waiting = pool.submit(recurate, rewards, *QUICK, "--out", tmp_path)
            while not waiting.running():
                time.sleep(0.01)
            time.sleep(1.0)
            assert not (tmp_path / "simulation.csv").exists()
        assert waiting.result().exit_code == 0
        assert (tmp_path / "simulation.csv").exists()
        monkeypatch.setattr(writing, "SECONDS_TO_WAIT", 0.0)
        with held(tmp_path):
            refused = pool.submit(recurate, rewards, *QUICK, "--out", tmp_path).result()
    assert refused.exit_code == 2
    assert "4 replicates" in refused.stdout  # the result is printed all the same
    assert refused.stderr.startswith(f"recurate: {tmp_path} is in use by process {os.getpid()};")


def test_a_checkpoint_in_use_is_refused(rewards, tmp_path):
    path = tmp_path / "run.npz"
    with ThreadPoolExecutor(1) as pool, held(path):
        done = pool.submit(recurate, rewards, *QUICK, "--checkpoint", path).result()
    assert done.exit_code == 2
    assert done.stderr == (
        f"recurate: {path} is in use by process {os.getpid()}; wait until that ends, "
        "or take another name\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--generated", "0"), "n_generated must be an integer from 1 to 1000000000; got 0"),
        (("--device", "cuda"), 'device must be "cpu" for the NumPy backend'),
        (("--backend", "torch", "--device", "nowhere"), "device must be one that torch can use"),
        (("-K", "0"), "K must be an integer of at least 1"),
        (("--lam", "1e9"), "n_curated / lam, the number of real samples"),
    ],
)
def test_bad_input(rewards, arguments, message):
    done = recurate(rewards, *arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_the_figure_draws_lines_and_bars_of_the_numbers():
    from recurate import CurationLoop, RewardLaw, simulate_loop

    loop = CurationLoop(RewardLaw([0.0, 1.0], groups=["_a", "b"]), K=2, lam=math.inf)
    exact, run = (
        loop.run(steps=3),
        simulate_loop(loop, steps=3, n_generated=100, replicates=3, rng=0),
    )
    figure = simulated_trajectory.draw(exact, run, groups=[0, 1], source="a", loop="K = 2")
    reward, *_ = figure.axes
    assert reward.lines[0].get_ydata() == pytest.approx(exact.expected_reward)
    assert reward.lines[1].get_ydata() == pytest.approx(run.expected_reward)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [" _a", "b"]
    assert len(figure.axes) == 4
    without = simulated_trajectory.draw(exact, run, groups=[], source="a", loop="K = 2")
    assert without.axes[-1].get_title() == "variance of the weight"


SCORES = Path(__file__).parents[1] / "reading" / "inputs" / "scores_by_prompt.npy"
"""60 prompts × 13 candidates, 4 of them absent."""


def test_a_table_with_prompts_is_simulated_within_them(tmp_path):
    """Against an independent oracle's values: within prompts, K = 4, the pure loop."""
    arguments = ("--steps", "3", "--generated", "350", "--replicates", "8")
    kept, out = tmp_path / "run.npz", tmp_path / "out"
    done = recurate(SCORES, *arguments, "--checkpoint", kept, "--out", out)
    assert done.exit_code == 0, done.output
    assert "8 replicates; each step 350 generated, 350 curated and 0 real samples for each" in (
        " ".join(done.stdout.split())
    )
    assert "finite samples taken into account: p-value" in done.stdout
    assert {path.name for path in out.iterdir()} == {"simulation.csv", "simulation.png"}
    document = json.loads(recurate(SCORES, *arguments, "--checkpoint", kept, "--json").stdout)
    assert document["parameters"]["prompts"]["count"] == 60
    assert document["p_value"] > 1e-9
    oracle = {"expected_reward": [6.2668, 8.3405, 9.1745, 9.4634]}
    for name, values in oracle.items():
        assert document["exact"][name] == pytest.approx(values, abs=6e-5)
        errors = document["simulated"]["standard_errors"][name]
        # Finite samples: some 13/350 of the range within a prompt, and the draws.
        for found, value, error in zip(document["simulated"][name], values, errors, strict=True):
            assert abs(found - value) < 0.05 + 12 * error
    assert document["exact"]["kl_to_reference"][3] == pytest.approx(1.2318, abs=6e-5)
    assert document["simulated"]["kl_to_reference"][0] == 0.0


def test_few_samples_for_each_prompt_are_said_to_be():
    done = recurate(SCORES, "--steps", "2", "--generated", "50", "--replicates", "2")
    assert done.exit_code == 0, done.output
    said = " ".join(done.stdout.split())
    assert "no p-value of all figures together: at least 25 samples of the best rewards to" in said


def test_what_is_too_large_counts_prompts():
    done = recurate(SCORES, "--generated", "20000000")
    assert done.exit_code == 2
    assert "60 prompts, 20 replicates of 10 steps" in " ".join(done.stderr.split())


def test_many_answers_to_one_prompt_are_not_tested_together(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("reward,prompt\n" + "".join(f"{i % 7},{i % 2}\n" for i in range(1_100)))
    done = recurate(path, "--prompt-column", "prompt", "--steps", "1", "--replicates", "2")
    assert done.exit_code == 0, done.output
    assert "at most 250,000 pairs of answers to one prompt" in " ".join(done.stdout.split())


def test_zero_is_printed_without_its_rounding_and_without_a_sign(tmp_path):
    path = tmp_path / "even.csv"  # of mean 0
    path.write_text("reward\n-1\n0\n1\n-0.1\n-0.2\n0.3\n")
    done = recurate(path, "-K", "1", "--generated", "60", "--replicates", "4")
    rows = [line.split() for line in done.stdout.splitlines() if line[:3].strip().isdigit()]
    assert [row[1] for row in rows] == ["0.0000"] * 11
    assert not any("-0.0" in row for row in rows)
