"""Run a command in this process, in a folder of its own, and look at all that it left behind."""

import contextlib
import gc
import io
import json
import multiprocessing
import os
import re
import stat
import sys
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

from typer.main import get_command

from recurate import cli
from recurate.commands.terminal import TRACEBACK, last_net

_COMMAND = get_command(cli.app)  # once: it reads the options of all commands
CODES = {0, 1, 2, 130}
"""Exit codes that a command may have."""

MOST_CHARACTERS = 2_000
"""Most characters of an error."""

MOST_SECONDS = 60.0
"""What is asked for here is little: longer means work without a bound, on the slowest machine."""

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
"""Characters that could move the cursor, hide text, or turn it round."""


@dataclass(frozen=True)
class Ran:
    """What came of a command: its exit code, and what it printed."""

    arguments: tuple[str, ...]
    code: int
    out: str
    err: str
    seconds: float

    def __repr__(self):
        return f"recurate {self.arguments} -> {self.code}\n{self.out[:800]}\n{self.err[:2500]}"


class _Stream(io.TextIOWrapper):
    """Standard output or input in memory, as a pipe: it has a buffer, and is not a terminal."""

    def __init__(self, content=b""):
        super().__init__(io.BytesIO(content), encoding="utf-8", newline="\n", write_through=True)


def run(*arguments, stdin=b""):
    """Run a command as a process would, but in this one; what it raises is raised here."""
    streams = {name: _Stream() for name in ("stdout", "stderr")} | {"stdin": _Stream(stdin)}
    before = {name: getattr(sys, name) for name in (*streams, "argv")}
    for name, stream in streams.items():
        setattr(sys, name, stream)
    sys.argv = ["recurate", *arguments]
    started, code = time.monotonic(), 0
    try:
        with warnings.catch_warnings():
            warnings.resetwarnings()  # what a user would see
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", ResourceWarning)
            with last_net():  # without `stoppable`, which is for a process of its own
                _COMMAND()
    except SystemExit as stop:
        code = 0 if stop.code is None else stop.code
    finally:
        for name, value in before.items():
            setattr(sys, name, value)
    shown = [
        streams[name].buffer.getvalue().decode("utf-8", "replace") for name in ("stdout", "stderr")
    ]
    return Ran(tuple(arguments), code, *shown, time.monotonic() - started)


@contextlib.contextmanager
def in_folder(folder):
    """Work in a folder, with a home and a folder for temporary files of its own."""
    here = Path.cwd()
    places = {name: Path(folder) / name for name in ("work", "home", "temporary")}
    for place in places.values():
        place.mkdir()
    names = {"HOME": "home", "TMPDIR": "temporary"}
    before = {name: os.environ.get(name) for name in (*names, TRACEBACK)}
    os.environ.update({name: str(places[place]) for name, place in names.items()})
    os.environ[TRACEBACK] = "1"  # so that what nobody expected is raised
    tempfile.tempdir = None
    os.chdir(places["work"])
    try:
        yield places["work"]
    finally:
        os.chdir(here)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        tempfile.tempdir = None


def tree(folder):
    """Return all that lies in a folder: from each path to its kind, mode and content."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        state = path.lstat()
        content = None
        if stat.S_ISREG(state.st_mode):
            content = path.read_bytes()
        elif stat.S_ISLNK(state.st_mode):
            content = os.readlink(path)
        found[str(path.relative_to(folder))] = (stat.S_IFMT(state.st_mode), state.st_mode, content)
    return found


def _open_files():
    """Return the files of this folder and those beside it that are still open (on Linux)."""
    top = str(Path.cwd().parent)
    found = []
    for link in Path("/proc/self/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.append(os.readlink(link))
    return [path for path in found if path.startswith(top)]


def _threads():
    # Those of libraries stay (tqdm, torch, BLAS); ours are named or come from an executor.
    return {t.name for t in threading.enumerate() if t.is_alive()}


def checked(*arguments, stdin=b"", outputs=()):
    """Run a command and assert all that holds for every command, whatever it is given.

    Parameters
    ----------
    arguments : str
        The command line.
    stdin : bytes
        Standard input.
    outputs : sequence of str
        Paths that the command line names for writing; all else has to stay as it was.
    """
    work = Path.cwd()
    before, threads = tree(work), _threads()
    ran = run(*arguments, stdin=stdin)
    if _open_files():  # what nobody refers to any more is closed; each time, it would take longest
        gc.collect()
    assert ran.code in CODES, ran
    assert ran.seconds < MOST_SECONDS, ran
    for text in (ran.out, ran.err):
        assert "Traceback (most recent call last)" not in text, ran
        assert "Warning" not in text, ran
        assert not UNPRINTABLE.search(text), (UNPRINTABLE.search(text), ran)
    assert len(ran.err) <= MOST_CHARACTERS, (len(ran.err), ran)
    if ran.code == 2:
        assert ran.err.strip(), ran
    if ran.code == 0 and is_json(arguments):
        json.loads(ran.out, parse_constant=_refuse)
    _assert_untouched(before, tree(work), outputs, ran)
    left = list(Path(os.environ["TMPDIR"]).iterdir())
    assert not left, (left, ran)
    assert not multiprocessing.active_children(), ran
    assert _threads() <= threads | _KNOWN_THREADS, (_threads() - threads, ran)
    assert not _open_files(), (_open_files(), ran)
    return ran


_KNOWN_THREADS = {"MainThread"}


def is_json(arguments):
    """Whether standard output has to be a JSON document and nothing else."""
    flags = {"predict", "fixed-point", "choose", "simulate", "sweep", "votes", "calibrate"}
    flags |= {"hunt", "list", "explain"}
    if not arguments or arguments[0] in ("-h", "--help", "--version") or "--help" in arguments:
        return False
    return arguments[0] in flags and "--json" in arguments and "-h" not in arguments


def _refuse(constant):
    raise ValueError(f"{constant} is not JSON")


def _assert_untouched(before, after, outputs, ran):
    named = set()
    for output in outputs:
        for path in (Path(output), Path(os.path.realpath(output))):
            with contextlib.suppress(ValueError):
                named.add(str(path.absolute().relative_to(Path.cwd())))
    for path in set(before) | set(after):
        # A folder that is named, or made on the way to one, and what lies in it.
        is_named = any(
            path == name or path.startswith(f"{name}/") or name.startswith(f"{path}/")
            for name in named
        )
        kinds = before.get(path, (0,))[0], after.get(path, (0,))[0]
        if not is_named:
            assert before.get(path) == after.get(path), (path, ran)
        elif path in before:  # a file, link, device or folder stays what it was
            assert kinds[0] == kinds[1], (path, kinds, ran)
            assert before[path][1] == after[path][1], (path, "mode", ran)
    hidden = [path for path in set(after) - set(before) if Path(path).name.startswith(".")]
    assert not hidden, (hidden, ran)
