"""What compression prepares is kept for as long as the law, and for it alone."""

import gc
import math
import pickle
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from recurate.numerics.compression.compressor import _partitions, begin_again, compressor_of
from recurate.numerics.compression.partition import Partition
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop

REWARDS = np.random.default_rng(5).normal(size=20_000)


def test_a_law_is_prepared_once_and_forgotten_with_it():
    law = RewardLaw(REWARDS)
    run = CurationLoop(law, K=3, lam=1.0).run(steps=5)
    partition = _partitions[law]
    assert compressor_of(law)._partition is partition
    kept, alive = weakref.ref(partition), weakref.ref(law)
    del partition, run, law
    gc.collect()
    assert alive() is None
    assert kept() is None


def test_a_law_is_pickled_without_what_was_prepared():
    law = RewardLaw(REWARDS)
    before = len(pickle.dumps(law))
    loop = CurationLoop(law, K=3, lam=1.0)
    limit = loop.fixed_point(compress=True)
    after = pickle.dumps(loop)
    assert len(after) < before + 1_000
    found = pickle.loads(after).fixed_point(compress=True)
    assert np.abs(found.probs - limit.probs).sum() < 1e-9


def test_threads_share_a_law(monkeypatch):
    made = []
    original = Partition.__init__
    monkeypatch.setattr(
        Partition, "__init__", lambda self, law: made.append(law) or original(self, law)
    )
    loops = [CurationLoop(RewardLaw(REWARDS), K=K, lam=4.0) for K in (2, 3, 4, 5)]
    alone = [loop.run(steps=40).expected_weight for loop in loops]
    assert len(made) == 4
    law = RewardLaw(REWARDS)
    shared = [CurationLoop(law, K=loop.K, lam=loop.lam) for loop in loops]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda loop: loop.run(steps=40).expected_weight, shared))
    assert len(made) == 5
    for one, other in zip(alone, found, strict=True):
        assert np.abs(one - other).max() < 2e-10


def figures(law, K, lam):
    loop = CurationLoop(law, K=K, lam=lam)
    run, limit = loop.run(steps=40), loop.fixed_point()
    columns = [run.expected_reward, run.group_proportions, [limit.kl_to_reference]]
    return [*columns, limit.group_proportions]


def test_a_law_that_begins_again_has_the_figures_of_a_fresh_one_to_the_last_bit():
    law, fresh = (RewardLaw(3 * REWARDS, groups=np.arange(20_000) % 3) for _ in range(2))
    expected = figures(fresh, 16, 2.0)
    begin_again(law)  # which nothing was prepared for
    CurationLoop(law, K=400, lam=math.inf).run(steps=200)  # which needs a finer law
    partition = _partitions[law]
    found = figures(law, 16, 2.0)
    assert not all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    begin_again(law)
    found = figures(law, 16, 2.0)
    assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    assert _partitions[law] is partition  # the pass over the rewards is not repeated
