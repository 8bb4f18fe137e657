"""The sampler: kernels, parity of the backends, blocks, edges and bad input.

The laws of winners are tested in tests/statistical; here only what is certain.
"""

import math

import numpy as np
import pytest

from recurate import curate
from recurate.numerics.sampling import winners as kernels
from recurate.numerics.sampling.streams import NumpyStream, open_stream

NO_CUDA = "needs a CUDA device that torch can use"


def has_cuda():
    torch = pytest.importorskip("torch")
    return torch.cuda.is_available()


def test_the_winner_is_the_first_whose_cumulative_weight_exceeds():
    candidates = np.array([[7], [8], [9]]).repeat(4, axis=1)
    weights = np.array([[1.0], [2.0], [1.0]]).repeat(4, axis=1)
    chosen, totals = kernels.choose_by_weight(candidates, weights, np.array([0.0, 0.25, 0.7, 0.75]))
    # Cumulative shares 1/4, 3/4, 1: u = 0 is the first's, 1/4 already the second's.
    assert chosen.tolist() == [7, 8, 8, 9]
    assert totals.tolist() == [4.0] * 4


@pytest.mark.parametrize("K", [2, 5, 16, 17, 40])
def test_both_forms_of_the_cumulative_choice_agree_with_a_plain_one(K):
    """Row by row up to 16 candidates, by cumulative sums above: both as a loop over choices."""
    rng = np.random.default_rng(K)
    candidates, weights = rng.integers(0, 99, (K, 300)), rng.exponential(size=(K, 300))
    uniforms = rng.random(300)
    chosen, _ = kernels.choose_by_weight(candidates, weights, uniforms)
    for j in range(300):
        sums = np.cumsum(weights[:, j])
        assert chosen[j] == candidates[np.searchsorted(sums, uniforms[j] * sums[-1], "right"), j]


def test_weights_of_zero_never_win():
    candidates = np.array([[0], [1], [2]])
    for uniforms in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        weights = np.array([[0.0], [1.0], [0.0]])
        assert kernels.choose_by_weight(candidates, weights, np.array([uniforms]))[0] == 1


def test_an_index_is_below_the_size_and_inversion_skips_what_has_no_mass():
    top = np.nextafter(1.0, 0.0)
    assert kernels.indices_from_uniforms(np.array([0.0, 0.5, top]), 3).tolist() == [0, 1, 2]
    assert kernels.indices_from_uniforms(np.array([top]), 2**40 + 1).tolist() == [2**40]
    cumulative = np.cumsum([0.0, 0.5, 0.0, 0.5, 0.0])
    uniforms = np.array([0.0, 0.499, 0.5, top])
    assert kernels.indices_by_law(cumulative, uniforms).tolist() == [1, 1, 3, 3]


def winners_of_uniforms(xp_array, rewards, first, second, method):
    """Winners from injected uniforms, by the kernels, in any library."""
    pool = xp_array(rewards)
    candidates = kernels.indices_from_uniforms(xp_array(first), rewards.size)
    values = pool[candidates]
    choose = kernels.choose_by_gumbel if method == "gumbel" else kernels.choose_by_log_weight
    chosen = choose(candidates, values, xp_array(second))[0]
    return chosen if isinstance(chosen, np.ndarray) else chosen.cpu().numpy()


@pytest.mark.parametrize("method", ["cumulative", "gumbel"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize(("dtype", "differing"), [("float64", 0), ("float32", 20)])
def test_numpy_and_torch_make_the_same_winners_of_the_same_uniforms(
    method, device, dtype, differing
):
    """Float32: exp and log may differ in their last bit, 2^-23, so that about one in a million of
    the 100,000 comparisons with K - 1 = 3 sums turns out otherwise; 20 are far more than that.
    """
    torch = pytest.importorskip("torch")
    if device == "cuda" and not has_cuda():
        pytest.skip(NO_CUDA)
    rng = np.random.default_rng(8)
    rewards = rng.normal(size=50).astype(dtype)
    first, second = rng.random((2, 4, 100_000)).astype(dtype)
    first, second = np.minimum(first, 0.9999), np.minimum(second, 0.9999)
    second = second if method == "gumbel" else second[0]
    ours = winners_of_uniforms(np.asarray, rewards, first, second, method)

    def on_device(values):
        return torch.as_tensor(values, device=device)

    theirs = winners_of_uniforms(on_device, rewards, first, second, method)
    assert (ours != theirs).sum() <= differing
    assert len(set(ours.tolist())) == 50


@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize(
    "options", [{}, {"method": "gumbel"}, {"temperature": 0.0}, {"K": math.inf}]
)
def test_rewards_that_span_a_million_are_chosen_by_without_underflow(backend, options):
    if backend == "torch":
        pytest.importorskip("torch")
    rewards = np.array([0.0, -1e6, -2e6, -3e6])
    options = {"K": 3} | options
    K = options.pop("K")
    winners = np.asarray(curate(rewards, K, 5_000, rng=0, backend=backend, **options))
    # The best of three is the best index among them: the worst wins only with all three the worst.
    share = (winners == 3).mean()
    assert share == 0.0 if math.inf == K else abs(share - 1 / 64) < 0.015  # eight deviations
    assert (winners == 0).any()


def test_the_highest_always_wins_at_temperature_zero_and_in_the_limit():
    rewards = np.array([3.0, 1.0, 3.0, 2.0])
    for way in ({"temperature": 0.0}, {"temperature": 1e-3}):
        winners = curate(rewards, math.inf, 1_000, rng=1, **way)
        assert set(winners.tolist()) == {0, 2}
    # With 200 candidates a pool of four is missing one with probability below 1e-20.
    assert set(curate(rewards, 200, 1_000, rng=1, temperature=0.0).tolist()) == {0, 2}


def test_atoms_without_probability_never_win_however_good():
    winners = curate([0.0, 1.0, 900.0], 4, 2_000, probs=[0.5, 0.5, 0.0], rng=0)
    assert set(winners.tolist()) == {0, 1}
    winners = curate([0.0, 1.0, 900.0], math.inf, 2_000, probs=[0.5, 0.5, 0.0], rng=0)
    assert set(winners.tolist()) == {0, 1}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_a_seed_is_a_stream_and_a_generator_goes_on(backend):
    if backend == "torch":
        pytest.importorskip("torch")
    rewards = np.arange(100.0)
    one, two = (curate(rewards, 3, 500, rng=5, backend=backend) for _ in range(2))
    assert (np.asarray(one) == np.asarray(two)).all()
    generator = np.random.default_rng(5)
    first, second = (curate(rewards, 3, 500, rng=generator, backend=backend) for _ in range(2))
    assert (np.asarray(first) != np.asarray(second)).any()


def test_no_choices_and_one_candidate():
    assert curate([1.0, 2.0], 3, 0, rng=0).shape == (0,)
    assert set(curate([1.0, 2.0], 1, 100, rng=0).tolist()) == {0, 1}
    assert curate([1.0], 5, 10, rng=0).tolist() == [0] * 10


def test_indices_are_even_where_words_are_rejected():
    """Of 2^32 words on 3 · 2^30 indices, 2, 1 and 1 fall on the indices in turn, unless a quarter
    is drawn again: half of the indices, in place of a third, would be divisible by three.

    Null: a third of 200,000 is; eight deviations, 1e-15.
    """
    size = 3 * 2**30
    indices = open_stream(3).indices(size, (200_000,))
    assert 0 <= indices.min() <= indices.max() < size
    for remainder in range(3):
        assert abs((indices % 3 == remainder).mean() - 1 / 3) < 8 * 0.48 / math.sqrt(200_000)


def test_tensors_stay_tensors_and_their_type_is_kept_apart():
    torch = pytest.importorskip("torch")
    winners = curate(torch.tensor([0.0, 1.0]), 2, 10, rng=0, backend="torch", dtype="float32")
    assert isinstance(winners, torch.Tensor)
    assert winners.dtype == torch.int64
    assert isinstance(curate(torch.tensor([0.0, 1.0]), 2, 10, rng=0), np.ndarray)


@pytest.mark.parametrize(("K", "n_curated"), [(10**5, 10), (3, 10**6 // 3), (math.inf, 10**7)])
def test_memory_is_bounded_by_the_block(K, n_curated):
    import tracemalloc

    tracemalloc.start()
    curate(np.arange(100.0), K, n_curated, rng=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    result = 8 * n_curated
    assert peak < 16 * 8 * NumpyStream.block + 2 * result


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"rewards": []}, ValueError, "rewards must have at least one entry"),
        ({"rewards": [1.0, math.nan]}, ValueError, "rewards must be finite real numbers; got nan"),
        ({"rewards": [0.0, 2e12]}, ValueError, "rewards must span at most 1e.12"),
        ({"K": 0}, ValueError, "K must be an integer of at least 1 or infinity; got 0"),
        ({"K": True}, TypeError, "K must be an integer"),
        ({"n_curated": -1}, ValueError, "n_curated must be an integer of at least 0; got -1"),
        ({"temperature": -1.0}, ValueError, "temperature must be a finite number of at least 0"),
        ({"temperature": math.inf}, ValueError, "temperature must be a finite number"),
        ({"temperature": 1e-300}, ValueError, "rewards / temperature must span at most"),
        ({"method": "alias"}, ValueError, 'method must be "cumulative" or "gumbel"; got \'alias\''),
        ({"probs": [0.5, 0.6]}, ValueError, "probs must sum to 1"),
        ({"backend": "jax"}, ValueError, 'backend must be "numpy" or "torch"; got \'jax\''),
        ({"device": "cuda"}, ValueError, 'device must be "cpu" for the NumPy backend'),
        ({"dtype": "float16"}, ValueError, 'dtype must be "float64" or "float32"'),
        ({"rng": -3}, ValueError, "rng must be a seed"),
        ({"rng": "seed"}, TypeError, "rng must be a seed"),
        ({"rng": True}, TypeError, "rng must be a seed"),
    ],
)
def test_bad_input(arguments, error, message):
    given = {"rewards": [0.0, 1.0], "K": 2, "n_curated": 3} | arguments
    with pytest.raises(error, match=message):
        curate(**given)


@pytest.mark.parametrize("rewards", [[1.0, math.inf], [0.0, 2e12], []])
def test_bad_tensors_are_refused_like_arrays(rewards):
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError, match="rewards must"):
        curate(torch.tensor(rewards, dtype=torch.float64), 2, 3, backend="torch")


def test_a_device_that_is_not_there():
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError, match="device must be one that torch can use here"):
        curate([0.0], 2, 3, backend="torch", device="nowhere")
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="torch finds no CUDA device"):
            curate([0.0], 2, 3, backend="torch", device="cuda")


def test_without_torch_the_error_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r'pip install "recurate\[torch\]"'):
        curate([0.0], 2, 3, backend="torch")


def test_on_cuda_the_winners_are_there_too():
    if not has_cuda():
        pytest.skip(NO_CUDA)
    winners = curate([0.0, 1.0, 2.0], 4, 10_000, rng=0, backend="torch", device="cuda")
    assert winners.device.type == "cuda"
    assert set(winners.tolist()) == {0, 1, 2}
