"""Dask: an executor whose calls are carried out by the workers of a cluster.

Workers have to have the same packages as this process; the scheduler passes on what it does not
read. A worker carries out one call at a time, however many threads it has: the precision of balls,
warnings and Hypothesis belong to the whole process.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import logging
import os
import pickle
import platform
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from recurate.errors import InputError
from recurate.numerics.pieces import ExecutorLostError
from recurate.numerics.text import shown

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")
Software = Mapping[str, str]

SECONDS_TO_CONNECT = 10.0
"""How long a scheduler may take to answer, and a cluster to have a worker."""

_DECISIVE = ("numpy", "scipy", "sympy", "hypothesis", "python-flint", "polars")
"""Packages that numbers come from."""

_ONE_AT_A_TIME = threading.Lock()


class Cluster(Executor):
    """The workers of a Dask cluster.

    When a worker dies, another one carries out its call. A call of which the workers die time and
    again, as many as ``distributed.scheduler.allowed-failures`` says, raises `BrokenExecutor`, and
    all calls raise `ExecutorLostError` when the scheduler is lost.

    Parameters
    ----------
    client : distributed.Client
        Connection to the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self.address = client.scheduler_info(n_workers=0)["address"]
        self._software = software()
        self._under_way: set[Any] = set()
        self._unwanted: list[Any] = []

    @property
    def width(self) -> int:
        """Number of workers now; others may join or leave."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def scattered(self, value: object) -> object:
        """Send a value ahead, and return what stands for it; workers fetch it once each.

        It is a result that the scheduler can have made again, so that it outlives the workers.
        """
        with self._lost(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._client.submit(pickle.loads, _pickled(value), pure=False)

    def submit(self, call: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        """Let a worker carry out a call."""
        content = _pickled((partial(call, **named), self._software))
        mine: Future[T] = Future()
        with self._lost():
            if self._unwanted:  # all at once, as each would take a message and its answer
                self._client.cancel(self._unwanted)
                self._unwanted = []
            theirs = self._client.submit(_by_value(), content, *args, pure=False)
        self._under_way.add(theirs)
        theirs.add_done_callback(partial(self._pass_on, mine))
        mine.add_done_callback(
            lambda mine: self._unwanted.append(theirs) if mine.cancelled() else None
        )
        return mine

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up all calls that have not been carried out; a worker ends the one it is at."""
        if self._under_way:
            with suppress(Exception):  # as the scheduler may be gone
                self._client.cancel(list(self._under_way))

    def _pass_on(self, mine: Future[T], theirs: Any) -> None:
        """Let what came of Dask's future become that of ours; in a thread of Dask's."""
        from distributed import KilledWorker

        self._under_way.discard(theirs)
        if not mine.set_running_or_notify_cancel():
            return
        if theirs.status == "error":
            error = theirs.exception()
            is_killed = isinstance(error, KilledWorker)
            mine.set_exception(BrokenExecutor(str(error)) if is_killed else error)
            return
        try:
            mine.set_result(theirs.result())
        except Exception:
            mine.set_exception(self._is_lost())

    def _is_lost(self) -> ExecutorLostError:
        return ExecutorLostError(f"the scheduler {self.address} is lost: it answers no more")

    @contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except (OSError, TimeoutError) as error:
            raise self._is_lost() from error


@cache
def software() -> Software:
    """Return the versions that results depend on, of this process, by their names."""
    import recurate

    found = {"recurate": f"{recurate.__version__}, sources {_sources()}"}
    found["Python"] = platform.python_version()
    for name in _DECISIVE:
        found[name] = importlib.metadata.version(name)
    return found


def carried_out(call: Callable[..., T], expected: Software, *args: object) -> T:
    """Carry out a call, on a worker, alone in its process.

    Raises
    ------
    ExecutorLostError
        If the worker, which may have joined the cluster late, has other versions.
    """
    if differing := _differing(software(), expected):
        raise ExecutorLostError(f"a worker joined that has {differing}")
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Hypothesis takes what Dask's own threads do for something that a strategy does.
        warnings.filterwarnings("ignore", "Do not use the `random` module")
        return call(*args)


@contextmanager
def local_cluster(number: int) -> Iterator[Cluster]:
    """Yield a cluster of this many workers on this machine, which is closed in the end."""
    distributed = _distributed()
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
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address]
    command += ["--host", "127.0.0.1", "--nworkers", str(number), "--nthreads", "1"]
    command += ["--memory-limit", "0", "--no-dashboard", "--death-timeout", "10"]
    path = os.pathsep.join(filter(None, sys.path))
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            [*command, "--local-directory", folder],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,
        )
        _STARTED.append(process)
        try:
            while len(client.scheduler_info(n_workers=-1)["workers"]) < number:
                if process.poll() is not None:
                    raise ExecutorLostError(f"{' '.join(command)} ended with {process.returncode}")
                time.sleep(0.02)
            yield
        finally:
            kill_started()


_STARTED: list[subprocess.Popen[bytes]] = []


def kill_started() -> None:
    """Kill the workers that this process has started, if any."""
    while _STARTED:
        process = _STARTED.pop()
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """Yield the cluster whose scheduler has this address.

    Raises
    ------
    InputError
        If there is none, it has no worker, or a worker has other versions than this process.
    """
    distributed = _distributed()
    try:
        # Dask's client would wait for ever for what listens there and is no scheduler.
        asyncio.run(asyncio.wait_for(_greeted(address), SECONDS_TO_CONNECT))
        client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except Exception as error:  # of many kinds: whatever listens there may have answered
        raise InputError(
            "--scheduler must be the address of a Dask scheduler that can be reached, such as "
            f"tcp://10.0.0.5:8786; got {shown(address)}: {str(error) or 'it does not answer'}"
        ) from None
    with client:
        _require_workers(client, address)
        with Cluster(client) as executor:
            yield executor


async def _greeted(address: str) -> None:
    """Connect to what listens at an address, raising an error if that is not Dask."""
    from distributed import Security
    from distributed.comm.core import connect

    arguments = Security().get_connection_args("client")  # TLS, as Dask is configured
    comm = await connect(address, timeout=SECONDS_TO_CONNECT, **arguments)
    await comm.close()


def _require_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise InputError(
            f"--scheduler must be of a cluster with workers; {address} has none: start some with "
            f"`dask worker {address} --nthreads 1`"
        ) from error
    own = software()
    for worker, found in client.run(_reporter(), on_error="return").items():
        if isinstance(found, Exception):
            raise InputError(f"the worker {worker} cannot say what it has: {found}") from found
        if differing := _differing(found, own):
            raise InputError(
                f"all workers must have what this process has; {worker} has {differing}"
            )


def _differing(found: Software, own: Software) -> str:
    """Return in words what is found that is not our own; empty if nothing is."""
    return "; ".join(
        f"{name} {found.get(name, 'not installed')} (here {version})"
        for name, version in own.items()
        if found.get(name) != version
    )


def _sources() -> str:
    """Return a hash of the sources of the package."""
    import recurate

    root = Path(recurate.__file__).parent
    made = hashlib.sha256()
    for folder, folders, files in os.walk(root, followlinks=True):
        folders.sort()
        for path in (Path(folder, name) for name in sorted(files) if name.endswith(".py")):
            made.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()[:12]


def _reporter() -> Callable[[], Software]:
    """Return a function that is sent by its code, so that it runs where recurate is not there."""

    def report() -> Software:
        try:
            import recurate
        except ImportError:
            return {}
        try:
            from recurate.cluster import software
        except ImportError:  # which is of a time before this module
            return {"recurate": recurate.__version__}
        return software()

    return report


def _by_value() -> Callable[..., Any]:
    """Return a function that is sent by its code: the scheduler, which reads it, loads nothing."""

    def called(content: bytes, *args: object) -> object:
        import pickle

        from recurate.cluster import carried_out

        return carried_out(*pickle.loads(content), *args)

    return called


def _pickled(value: object) -> bytes:
    from distributed.protocol.pickle import dumps  # which knows a user's functions

    content: bytes = dumps(value)
    return content


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "--workers and --scheduler need Dask: pip install 'recurate[distributed]'"
        ) from error
    for name in ("distributed", "distributed.client"):  # which says in many lines what we say
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed
