"""A Dask cluster on this machine: the scheduler is in this process, the workers are others."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from recurate.cluster import Cluster, dask
from recurate.numerics.pieces import ExecutorLostError

if TYPE_CHECKING:
    from distributed import Client

SECONDS_TO_START = 300
"""How long a worker may take to start: all start at once, on whatever cores there are."""

_STARTED: list[subprocess.Popen[bytes]] = []


@contextmanager
def local_cluster(number: int) -> Iterator[Cluster]:
    """Yield a cluster of this many workers on this machine, which is closed in the end."""
    distributed = dask()
    with (
        distributed.LocalCluster(
            n_workers=0,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # of what a scheduler serves beside the dashboard
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        ) as scheduler,
        distributed.Client(scheduler, set_as_default=False) as client,
        _worker_processes(client, scheduler.scheduler_address, number),
        Cluster(client) as executor,
    ):
        yield executor


@contextmanager
def _worker_processes(client: Client, address: str, number: int) -> Iterator[None]:
    """Start workers; in the end, they are killed, whatever they are at.

    They are in a session of their own: Ctrl-C, which a terminal sends to all processes, is ours.
    """
    command = [sys.executable, "-P", "-m", __name__, address, "--host", "127.0.0.1"]
    command += ["--nworkers", str(number), "--nthreads", "1", "--memory-limit", "0"]
    command += ["--no-dashboard", "--death-timeout", str(SECONDS_TO_START)]
    path = os.pathsep.join(filter(None, sys.path))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [*command, "--local-directory", folder],
            stdin=subprocess.PIPE,  # which closes when this process ends, however it does
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,
        )
        _STARTED.append(process)
        try:
            while len(client.nthreads()) < number:
                if process.poll() is not None:
                    raise ExecutorLostError(f"{' '.join(command)} ended with {process.returncode}")
                time.sleep(0.02)
            yield
        finally:
            _kill(process)
            _STARTED.remove(process)


def kill_started() -> None:
    """Kill the workers that this process has started, if any, as it is about to end."""
    for process in _STARTED:
        _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with process, suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _end_with_parent(folder: str) -> None:
    """Wait for the end of the process that has started this one, and end all workers at once."""
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, args=sys.argv[-1:], daemon=True).start()
    from distributed.cli.dask_worker import main

    main()
