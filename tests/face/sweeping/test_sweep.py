"""`recurate.sweep`: the figures of each loop, as a table; what is kept; bad input."""

import io
import math
import os
import signal

import numpy as np
import pandas
import polars
import pytest

from recurate import CurationLoop, RewardLaw, sweep
from recurate.numerics.compression.compressor import LEAST_LAW
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.pieces import WorkerLostError
from recurate.numerics.processes import Processes
from recurate.rules import BestOf, BradleyTerry, PairwisePreference, TopShare, Voters
from recurate.sweeping import kept, table
from recurate.sweeping import sweep as sweeping

RNG = np.random.default_rng(0)
LAW = RewardLaw(
    RNG.normal(size=40),
    groups=["a", "b", 1, True] * 10,
    scores={"length": RNG.normal(size=40)},
)
SQUARES = LAW.scores["length"] ** 2
OTHER = RewardLaw(RNG.exponential(size=30), groups=["b", "c", True] * 10)


def rows(found, **values):
    """Return the rows of a sweep with these values, as a mapping of columns."""
    is_one = np.ones(found.columns["t"].size, dtype=bool)
    for name, value in values.items():
        column = found.columns[name]
        is_one &= column == value if value == value else np.isnan(column.astype(float))
    return {name: column[is_one] for name, column in found.columns.items()}


def assert_is(cell, loop, steps=5):
    """Assert that the rows of a cell are a loop's run and fixed point, to the last bit."""
    run, limit = loop.run(steps=steps), loop.fixed_point()
    assert cell["t"].tolist() == [*range(steps + 1), math.inf]
    for name in FIGURES:
        assert cell[name].tolist() == [*getattr(run, name), getattr(limit, name)]
    for number, name in enumerate(run.proportion_labels):
        column = [*run.group_proportions[:, number], limit.group_proportions[number]]
        assert cell[name].tolist() == column
    for number, name in enumerate(run.score_labels):
        column = [*run.expected_scores[:, number], limit.expected_scores[number]]
        assert cell[name].tolist() == column
    assert set(cell["no_fixed_point"]) == {""}


def test_every_cell_is_its_loop():
    plain = RewardLaw(LAW.rewards, groups=["a", "b", "1", "d"] * 10, scores=LAW.scores)
    half = {"half at random": lambda K: Voters([(0.5, BradleyTerry(K)), (0.5, BestOf(K))])}
    rules = {"bradley-terry": BradleyTerry, "top": TopShare(0.3), **half}
    found = sweep(plain, K=[2, 9], lam=[0.5, 3.0], rule=rules, steps=5)
    assert len(found.columns["t"]) == (2 + 1 + 2) * 2 * 7
    for lam in (0.5, 3.0):
        for K in (2, 9):
            cell = rows(found, K=K, lam=lam, rule="bradley-terry")
            assert_is(cell, CurationLoop(plain, K=K, lam=lam))
            cell = rows(found, K=K, lam=lam, rule="half at random")
            assert_is(cell, CurationLoop(plain, rule=half["half at random"](K), lam=lam))
        cell = rows(found, K=math.nan, lam=lam, rule="top")
        assert_is(cell, CurationLoop(plain, rule=TopShare(0.3), lam=lam))
        assert set(cell["real_fraction"]) == {1 / (1 + lam)}
    assert set(found.columns["table"]) == {"law"}
    assert set(found.columns["scale"]) == {1.0}


def test_cells_stand_in_the_order_of_laws_scales_rules_K_and_lam():
    found = sweep(
        {"x": LAW, "y": OTHER},
        K=[4, 2],
        real_fraction=[0.3, 0.0],
        rule=[BestOf, BradleyTerry],
        scale=[2.0, 1.0],
        steps=0,
        fixed_points=False,
    )
    axes = [found.columns[name].tolist() for name in table.AXES]
    at = list(zip(*axes, strict=True))
    expected = [
        (law, K, lam, share, rule, scale, 0.0)
        for law in ("x", "y")
        for scale in (2.0, 1.0)
        for rule in ("best", "bradley-terry")
        for K in (4.0, 2.0)
        for share, lam in ((0.3, 0.7 / 0.3), (0.0, math.inf))
    ]
    assert at == expected


def test_groups_of_all_tables_have_columns_and_true_is_not_one():
    found = sweep([LAW, OTHER], K=2, lam=1.0, steps=1)
    names = [name for name in found.figures if name.startswith("proportion")]
    assert names == [f"proportion[{name}]" for name in ("a", "b", "1", "c", "True")]
    first, second = rows(found, table="law 0"), rows(found, table="law 1")
    run = CurationLoop(LAW, K=2, lam=1.0).run(steps=1)
    assert LAW.group_names == ("a", "b", 1)  # within a law 1 is True, as for Python
    assert first["proportion[1]"][:2].tolist() == run.group_proportions[:, 2].tolist()
    assert np.isnan(first["proportion[c]"]).all()
    assert np.isnan(second["proportion[a]"]).all()
    assert np.isnan(second["score[length]"]).all()
    run = CurationLoop(OTHER, K=2, lam=1.0).run(steps=1)
    assert second["proportion[c]"][:2].tolist() == run.group_proportions[:, 1].tolist()


def test_a_scale_multiplies_rewards_and_the_own_mean_stands_beside():
    law = RewardLaw(LAW.rewards, scores={"expected_reward_in_unit": RNG.normal(size=40)})
    found = sweep(law, K=3, lam=2.0, scale=[1, -0.5], steps=4)
    scaled = rows(found, scale=-0.5)
    own = CurationLoop(RewardLaw(-0.5 * law.rewards, scores={"own": law.rewards}), K=3, lam=2.0)
    run, limit = own.run(steps=4), own.fixed_point()
    assert scaled["expected_reward"].tolist() == [*run.expected_reward, limit.expected_reward]
    expected = [*run.expected_scores[:, 0], *limit.expected_scores]
    assert scaled["expected_reward_in_unit"] == pytest.approx(expected, rel=1e-13)
    # The score of that name is no other's, and keeps its column.
    assert "score[expected_reward_in_unit]" in found.figures
    plain = rows(found, scale=1.0)
    assert (plain["expected_reward_in_unit"] == plain["expected_reward"]).all()
    density = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    with pytest.raises(ValueError, match="scale must be 1 for a law with a density; got 2"):
        sweep(density, K=2, lam=1.0, scale=2.0)


def test_prompts_and_weights_are_kept_by_a_scale():
    weights = np.arange(1.0, 41.0) / 820
    law = RewardLaw(LAW.rewards, weights, LAW.group_names * 13 + ("a",), prompts=[*range(4)] * 10)
    found = rows(sweep(law, K=3, lam=2.0, scale=[2.0], steps=4), scale=2.0)
    own = RewardLaw(
        2 * law.rewards, weights, law.group_names * 13 + ("a",), prompts=[*range(4)] * 10
    )
    run = CurationLoop(own, K=3, lam=2.0).run(steps=4)
    assert found["kl_to_reference"][:-1] == pytest.approx(run.kl_to_reference, rel=1e-13)
    assert found["proportion[b]"][:-1] == pytest.approx(run.group_proportions[:, 1], rel=1e-13)


def test_a_loop_without_a_fixed_point_says_why():
    # Rock, paper and scissors: the pure loop goes round.
    cycle = np.array([[0.5, 0.9, 0.1], [0.1, 0.5, 0.9], [0.9, 0.1, 0.5]])
    law = RewardLaw([0.0, 0.0, 0.0], [0.5, 0.3, 0.2], groups=["rock", "scissors", "paper"])
    rule = PairwisePreference(cycle, of="groups")
    found = sweep(law, rule=[rule, BestOf(2)], lam=math.inf, steps=2)
    is_cycle = found.columns["rule"] == repr(rule)
    t, why = found.columns["t"], found.columns["no_fixed_point"]
    (reason,) = why[is_cycle & (t == math.inf)]
    assert len(reason) > 20
    assert np.isnan(found.columns["expected_reward"][is_cycle & (t == math.inf)]).all()
    assert set(why[~(is_cycle & (t == math.inf))]) == {""}
    none = sweep(law, rule=rule, lam=math.inf, steps=2, fixed_points=False)
    assert none.columns["t"].tolist() == [0.0, 1.0, 2.0]
    assert set(none.columns["no_fixed_point"]) == {""}


def test_the_largest_reward_within_a_divergence():
    found = sweep({"x": LAW, "y": OTHER}, K=[2, 4], lam=[0.5, math.inf], steps=6)
    for limit in (0.0, 0.05, 0.4, math.inf):
        best = found.best(limit)
        assert [row["table"] for row in best] == ["x", "y"]
        for row in best:
            of = rows(found, table=row["table"])
            allowed = of["kl_to_reference"] <= limit
            assert row["kl_to_reference"] <= limit
            assert row["expected_reward"] == of["expected_reward"][allowed].max()
    for wrong in (-1.0, math.nan):
        with pytest.raises(ValueError, match="max_kl must be a number of at least 0 or infinity"):
            found.best(wrong)


def test_every_library_reads_the_table():
    found = sweep([LAW, OTHER], K=[2, math.inf], lam=1.0, steps=1)
    whole = polars.DataFrame(found)
    assert whole.columns == list(found.columns)
    file = io.BytesIO()
    found.to_parquet(file)
    assert polars.read_parquet(file.getvalue()).equals(whole)
    text = io.BytesIO()
    found.to_csv(text)
    words = ("table", "rule", "no_fixed_point")
    read = polars.read_csv(text.getvalue(), schema_overrides=dict.fromkeys(words, polars.String))
    read = read.with_columns(polars.col(words).fill_null(""))
    assert read.equals(whole)
    frame = found.to_dataframe()
    assert frame.equals(pandas.DataFrame(found.columns))
    assert frame["K"].tolist().count(math.inf) == 6


def large():
    """A law that is compressed."""
    rewards = 20 * np.random.default_rng(5).normal(size=LEAST_LAW)
    return RewardLaw(rewards, groups=np.arange(LEAST_LAW) % 3)


def values(found):
    return {name: column.tolist() for name, column in found.columns.items() if name != "table"}


def test_a_cell_does_not_depend_on_the_cells_before_or_on_the_process():
    # The first loop divides the law further than the second one does alone.
    axes = {"lam": [0.5, 2.0], "steps": 5}
    alone = sweep(large(), K=16, lam=2.0, steps=5)
    law, divided = large(), large()
    every = sweep(law, K=[10**4, 16], **axes)
    again = sweep(law, K=[10**4, 16], **axes)
    with Processes(2) as executor:
        apart = sweep(large(), K=[10**4, 16], executor=executor, **axes)
    expected = repr(values(every))
    assert repr(values(again)) == repr(values(apart)) == expected
    one = rows(every, K=16, lam=2.0)
    assert all(one[name].tolist() == alone.columns[name].tolist() for name in alone.figures)
    before = CurationLoop(divided, K=10**4, lam=0.5)
    before.run(steps=5), before.fixed_point()
    after = CurationLoop(divided, K=16, lam=2.0).run(steps=5)
    assert after.expected_reward.tolist() != one["expected_reward"][:-1].tolist()


@pytest.fixture
def computed(monkeypatch):
    """Return the places of the cells that are computed, as they are."""
    places = []

    def counted(cell, *arguments, own=sweeping.measured):
        places.append((cell.place.K, cell.place.lam))
        return own(cell, *arguments)

    monkeypatch.setattr(sweeping, "measured", counted)
    return places


def test_cells_are_kept_and_read_again(tmp_path, computed):
    folder = tmp_path / "new" / "kept"
    axes = {"K": [2, 4], "lam": [0.5, math.inf], "steps": 3}
    first = sweep(LAW, keep=folder, **axes)
    assert len(computed) == 4
    assert [path.suffix for path in folder.iterdir()] == [".cells"]
    second = sweep(LAW, keep=folder, **axes)
    assert len(computed) == 4
    assert repr(values(first)) == repr(values(second))
    more = sweep(LAW, keep=folder, **axes | {"lam": [0.5, 2.0, math.inf]})
    assert computed[4:] == [(2.0, 2.0), (4.0, 2.0)]
    assert repr(values(more)) == repr(values(sweep(LAW, **axes | {"lam": [0.5, 2.0, math.inf]})))


@pytest.mark.parametrize(
    "other",
    [
        {"steps": 4},
        {"fixed_points": False},
        {"scale": 2.0},
        {"rule": BestOf},
        {"laws": RewardLaw(LAW.rewards, groups=["a", "b", 1, True] * 10)},
        {"laws": RewardLaw(LAW.rewards, groups=["a", "b", 1, "a"] * 10, scores=LAW.scores)},
        {"laws": RewardLaw(LAW.rewards, groups=["a", "b", 1, 1] * 10, scores={"length": SQUARES})},
        {"laws": RewardLaw(LAW.rewards[::-1], groups=["a", "b", 1, True] * 10, scores=LAW.scores)},
    ],
)
def test_cells_of_another_sweep_are_not_taken(tmp_path, computed, other, monkeypatch):
    axes = {"laws": LAW, "K": 2, "lam": 1.0, "steps": 3}
    sweep(keep=tmp_path, **axes)
    found = sweep(keep=tmp_path, **axes | other)
    assert len(computed) == 2
    assert repr(values(found)) == repr(values(sweep(**axes | other)))
    monkeypatch.setattr("recurate.sweeping.cells.__version__", "other")
    before = len(computed)
    sweep(keep=tmp_path, **axes)
    assert len(computed) == before + 1


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"half"])
def test_a_damaged_file_of_cells_is_said_and_computed_again(tmp_path, computed, caplog, damage):
    axes = {"K": 2, "lam": [0.5, 1.0], "steps": 3}
    first = sweep(LAW, keep=tmp_path, **axes)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    second = sweep(LAW, keep=tmp_path, **axes)
    assert len(computed) == 4
    assert "its cells are computed again" in caplog.text
    assert repr(values(first)) == repr(values(second))


def test_what_is_done_is_kept_when_a_cell_fails(tmp_path, computed, monkeypatch):
    axes = {"K": [2, 4], "lam": [0.5, 1.0], "steps": 3, "keep": tmp_path}

    def failing(cell, *arguments, own=sweeping.measured):
        if len(computed) == 2:
            raise KeyboardInterrupt
        return own(cell, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "measured", failing)
        with pytest.raises(KeyboardInterrupt):
            sweep(LAW, **axes)
    sweep(LAW, **axes)
    assert computed == [(2.0, 0.5), (2.0, 1.0), (4.0, 0.5), (4.0, 1.0)]


def test_a_lost_process_costs_its_own_cell_alone(tmp_path, monkeypatch):
    def killed(loop):
        if loop.K == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        return ""

    monkeypatch.setattr("recurate.sweeping.cells.limit_of", killed)  # in the processes too
    with (
        Processes(2) as executor,
        pytest.raises(WorkerLostError, match=r"'law', 'bradley-terry', K = 4, λ = 1, scale"),
    ):
        sweep(LAW, K=[2, 4, 8], lam=1.0, steps=3, keep=tmp_path, executor=executor)
    done = [key for path in tmp_path.iterdir() for key in kept._read(path)]
    assert len(done) == 2


def test_progress_is_told(tmp_path):
    told = []
    sweep(LAW, K=[2, 4], lam=1.0, steps=1, on_cell=lambda *counts: told.append(counts))
    assert told == [(1, 2), (2, 2)]


def test_what_a_run_warns_of_is_warned_of_once(monkeypatch):
    # Of a tolerance that no law reaches, each of the loops warns.
    monkeypatch.setattr("recurate.numerics.compression.compressor.LARGEST_LAW", 10)
    with pytest.warns(RuntimeWarning, match="computed on all 8,000 rewards") as warned:
        sweep(large(), K=2, lam=[0.5, 1.0], steps=1, fixed_points=False)
    assert len({str(one.message) for one in warned}) == len(warned)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"K": 0}, ValueError, "K must be an integer of at least 1 or infinity; got 0"),
        ({"K": [2, 2.5]}, ValueError, "got 2.5"),
        ({"K": []}, ValueError, "K must have at least one value; got none"),
        ({"K": "4"}, TypeError, "K must be"),
        ({"K": b"4"}, TypeError, "K must be"),
        ({"K": None}, TypeError, "K must be given for rules that are functions of K"),
        ({"rule": TopShare(0.5)}, TypeError, "and for no others; got K = 2"),
        ({"rule": []}, ValueError, "rule must have at least one value"),
        ({"rule": {}, "K": None}, ValueError, "rule must have at least one value"),
        ({"rule": "best"}, TypeError, "rule must be a rule or a function of K; got 'best'"),
        ({"rule": lambda K: K}, ValueError, "give a mapping"),
        ({"rule": {"x": lambda K: K}}, TypeError, "a function of K that returns one; got 2"),
        ({"rule": [BestOf, BestOf]}, ValueError, "tell them apart; got 'best'"),
        ({"rule": BestOf, "K": [2, math.inf]}, ValueError, "K must be"),
        ({"lam": -1.0}, ValueError, "lam must be a number of at least 0"),
        ({"lam": None}, TypeError, "exactly one of lam and real_fraction"),
        ({"real_fraction": 0.5}, TypeError, "exactly one of lam and real_fraction"),
        ({"lam": None, "real_fraction": 1.5}, ValueError, "real_fraction must be a share"),
        ({"lam": None, "real_fraction": 5e-324}, ValueError, "0 or at least 1e-307"),
        ({"scale": math.inf}, ValueError, "scale must be a finite number"),
        ({"steps": -1}, ValueError, "steps must be"),
        ({"laws": {}}, ValueError, "at least one law"),
        ({"laws": [1.0]}, TypeError, "laws must be laws of rewards.*got 1.0 as 'law 0'"),
        ({"laws": {1: LAW}}, TypeError, "names of laws must be texts; got 1"),
        ({"steps": 10**6, "K": [*range(1, 200)]}, ValueError, "must have at most .* cells"),
        # Refused before any of them is made: 10^8 numbers are 12 steps of 10 figures of these.
        ({"K": range(1, 2**16), "lam": range(2**16)}, ValueError, "most 833,333 cells; got 4,294,"),
    ],
)
def test_bad_input_is_refused_before_a_loop_is_run(arguments, error, message, computed):
    with pytest.raises(error, match=message):
        sweep(**{"laws": LAW, "K": 2, "lam": 1.0} | arguments)
    assert not computed


def test_a_rule_that_a_law_cannot_have_names_the_cell():
    rule = {"by length": lambda K: BestOf(K, by="length")}
    with pytest.raises(ValueError, match=r"'y', 'by length', K = 2, λ = 1, scale = 1: .*length"):
        sweep({"x": LAW, "y": OTHER}, K=2, lam=1.0, rule=rule)


def test_the_folder_goes_with_what_a_killed_run_left_in_it(tmp_path):
    folder = tmp_path / f"s.csv{kept.UNFINISHED}"
    folder.mkdir()
    (folder / ".recurate-0123456789abcdef").touch()
    with kept.kept_beside(tmp_path / "s.csv") as cells:
        cells.remove()
    assert not folder.exists()
