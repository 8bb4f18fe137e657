"""A simulation that is stopped, and goes on from its checkpoint."""

import numpy as np
import pytest

from recurate import simulate_loop
from recurate.numerics.simulation import checkpoints, record


class StoppedError(Exception):
    pass


def require_goes_on(monkeypatch, path, loop, stop_at, at_once, **arguments):
    """Hold a run of eight units of work that is stopped after some to one that is not.

    It is returned whole. `at_once` is the number of particles of a chunk of replicates.
    """
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(record, "PARTICLES_AT_ONCE", at_once)

    def stop(done, total):
        assert total == 8
        if done == stop_at:
            raise StoppedError

    whole = simulate_loop(loop, **arguments)
    with pytest.raises(StoppedError):
        simulate_loop(loop, **arguments, checkpoint=path, on_step=stop)
    done = []
    again = simulate_loop(
        loop, **arguments, checkpoint=path, on_step=lambda *progress: done.append(progress[0])
    )
    assert done == list(range(stop_at + 1, 9))
    np.testing.assert_array_equal(again.figures, whole.figures)
    np.testing.assert_array_equal(again.groups, whole.groups)
    return whole
