"""Who computes the pieces of large work: this process, others on this machine, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager


@contextmanager
def executor(
    *,
    jobs: int = 1,
    workers: int | None = None,
    scheduler: str | None = None,
    forks: bool = True,
) -> Iterator[Executor | None]:
    """Yield what carries out calls, for `recurate.numerics.pieces`; None is this process itself.

    What still runs when the block is left by an exception is given up, and no process is left.

    Parameters
    ----------
    jobs : int
        Number of processes on this machine; of 1, this one.
    workers : int, optional
        Number of Dask workers to start on this machine, in place of `jobs`.
    scheduler : str, optional
        Address of the scheduler of a Dask cluster that is there, in place of both.
    forks : bool
        Whether processes on this machine may be copies of this one (see
        `recurate.numerics.processes.Processes`).

    Raises
    ------
    InputError
        If there is no such cluster, or it cannot do what is asked, or Dask is not installed.
    ConnectionError
        In the block, if the cluster is lost.
    """
    if workers is None and scheduler is None:
        if jobs == 1:
            yield None
            return
        from recurate.numerics.processes import Processes

        with Processes(jobs, forks=forks) as processes:
            yield processes
        return
    from recurate.cluster import cluster_at
    from recurate.local_cluster import local_cluster

    with local_cluster(workers) if workers is not None else cluster_at(str(scheduler)) as cluster:
        yield cluster
