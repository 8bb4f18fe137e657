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
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from recurate.errors import InputError
from recurate.numerics.pieces import ExecutorLostError, differing_versions
from recurate.numerics.text import shown

if TYPE_CHECKING:
    from distributed import Client
    from tornado.ioloop import IOLoop

T = TypeVar("T")
Software = Mapping[str, str]

SECONDS_TO_CONNECT = 10.0
"""How long a scheduler may take to answer, and a cluster to have a worker."""

_AHEAD = 1000
"""How many calls are under way at least, if there are so many: workers may join."""

_DECISIVE = ("numpy", "scipy", "sympy", "hypothesis", "python-flint", "polars")
"""Packages that numbers come from."""

_ONE_AT_A_TIME = threading.Lock()


class Cluster(Executor):
    """The workers of a Dask cluster.

    When a worker dies, another one carries out its call, also if it was done and its result was
    still there. A call of which the workers die time and again, as many as
    ``distributed.scheduler.allowed-failures`` says, raises `BrokenExecutor`, and all calls raise
    `ExecutorLostError` when the scheduler is lost. When the client closes, the scheduler gives up
    what has not been carried out; a worker ends the call that it is at.

    Parameters
    ----------
    client : distributed.Client
        Connection to the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client, self._loop = client, cast("IOLoop", client.loop)
        self.address: str = client.scheduler_info()["address"]
        self._software = software()

    @property
    def width(self) -> int:
        """Number of workers now; others may join or leave."""
        with self.asked():
            return len(self._client.nthreads())

    @property
    def ahead(self) -> int:
        """How many calls to have under way: enough for workers that join meanwhile, too."""
        return max(_AHEAD, 4 * self.width)

    def scattered(self, value: object) -> object:
        """Send a value ahead, and return what stands for it; workers fetch it once each.

        It is a result that the scheduler can have made again, so that it outlives the workers.
        """
        with self.asked(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            return self._client.submit(pickle.loads, _pickled(value), pure=False)

    def submit(self, call: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        """Let a worker carry out a call."""
        content = _pickled((self._software, _pickled(partial(call, **named))))
        mine: Future[T] = Future()
        with self.asked():
            theirs = self._client.submit(_by_value(), content, *args, pure=False)
        self._loop.add_callback(self._pass_on, theirs, mine)
        return mine

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Raise `ExecutorLostError` if what is asked of the scheduler in the block gets lost."""
        self._require_connection()
        try:
            yield
        except Exception as error:
            self._require_connection()
            if isinstance(error, OSError):
                raise self._is_lost() from error
            raise
        self._require_connection()  # or nobody would ever answer

    def _require_connection(self) -> None:
        if self._client.status != "running":  # Dask may connect again, but has forgotten all calls
            raise self._is_lost()

    def _is_lost(self, error: BaseException | None = None) -> ExecutorLostError:
        why = getattr(error, "reason", None)  # Dask's, of what was cancelled
        is_usual = why in (None, "unknown", "scheduler-connection-lost")
        why = "it answers no more" if is_usual else f"it gave up what it was asked ({why})"
        return ExecutorLostError(f"the scheduler {self.address} is lost: {why}")

    async def _pass_on(self, theirs: Any, mine: Future[T]) -> None:
        """Let what comes of Dask's future become that of ours, in Dask's thread.

        Whatever is raised, somebody waits for it. Results that are there at the same time are
        fetched together.
        """
        error: BaseException | None = None
        try:
            result = await self._result(theirs)
        except BaseException as raised:
            error = raised
        if not mine.set_running_or_notify_cancel():
            return
        if error is not None:
            mine.set_exception(error)
        else:
            mine.set_result(result)

    async def _result(self, theirs: Any) -> Any:
        """Wait for a result and fetch it; if it is lost with its worker, Dask has it made again."""
        from distributed import KilledWorker

        try:
            content = await theirs
        except KilledWorker as error:
            raise BrokenExecutor(str(error)) from error
        except BaseException as error:
            if theirs.status == "error":  # it is what the call raised
                raise
            raise self._is_lost(error) from error
        return read(content)


def read(content: bytes | str) -> Any:
    """Return the result that a worker sent, or raise an error if it has none."""
    if isinstance(content, str):
        raise ExecutorLostError(content)
    try:
        return pickle.loads(content)
    except Exception as error:
        raise ValueError(
            f"what a worker returned cannot be read here: {type(error).__name__}: {error}"
        ) from error


@cache
def software() -> Software:
    """Return the versions that results depend on, of this process, by their names."""
    import recurate

    found = {"recurate": f"{recurate.__version__}, sources {_sources()}"}
    found["Python"] = platform.python_version()
    for name in _DECISIVE:
        found[name] = importlib.metadata.version(name)
    return found


def carried_out(expected: Software, call: bytes, *args: object) -> bytes | str:
    """Carry out a call, on a worker, alone in its process; call and result are pickled.

    Pickles are read where they are needed, so that an error says whose they are. If the worker,
    which may have joined the cluster late, has other versions, the answer is what it has, in words.
    """
    if differing := _differing(software(), expected):
        return f"a worker joined that has {differing}"
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Hypothesis takes what Dask's own threads do for something that a strategy does.
        warnings.filterwarnings("ignore", "Do not use the `random` module")
        return _pickled(pickle.loads(call)(*args))


def dask() -> Any:
    """Return Dask's package ``distributed``, or raise InputError if it is not installed."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "--workers and --scheduler need Dask: pip install 'recurate[distributed]'"
        ) from error
    for name in ("distributed", "distributed.client"):  # which says in many lines what we say
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


@contextmanager
def cluster_at(address: str) -> Iterator[Cluster]:
    """Yield the cluster whose scheduler has this address.

    Raises
    ------
    InputError
        If there is none, it has no worker, or a worker has other versions than this process.
    """
    distributed = dask()
    try:
        # Dask's client would wait for ever for what listens there and is no scheduler.
        asyncio.run(asyncio.wait_for(_greeted(address), SECONDS_TO_CONNECT))
        client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except Exception as error:  # of many kinds: whatever listens there may have answered
        raise InputError(
            "--scheduler must be the address of a Dask scheduler that can be reached, such as "
            f"tcp://10.0.0.5:8786; got {shown(address)}: {str(error) or 'it does not answer'}"
        ) from None
    with client, Cluster(client) as executor:
        with executor.asked():
            _require_workers(client, address)
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
    if found.keys() != own.keys():  # there is no more to be known
        found, own = ({n: of[n] for n in of if n == "recurate"} for of in (found, own))
    return differing_versions(found, own)


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


@cache
def _by_value() -> Callable[..., Any]:
    """Return a function that is sent by its code: the scheduler, which reads it, loads nothing."""

    def called(content: bytes, *args: object) -> bytes | str:
        import pickle

        try:
            from recurate.cluster import carried_out
        except ImportError as error:
            return f"a worker joined that has no recurate, or another one: {error}"
        return carried_out(*pickle.loads(content), *args)

    return called


def _pickled(value: object) -> bytes:
    from distributed.protocol.pickle import dumps  # which knows a user's functions

    content: bytes = dumps(value)
    return content
