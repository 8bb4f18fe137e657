"""What is put to the test: properties of commands, each over inputs that Hypothesis draws."""

import os
import re
import shutil
import stat
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
from hypothesis import strategies as st
from matplotlib.figure import Figure

from recurate.figures.catalogue import FIGURES
from recurate.figures.making import style
from recurate.figures.making.recipe import Recipe
from recurate.figures.making.table import Table
from recurate.paper_checks.evidence import kinds, proof_cache
from recurate.theory.catalogue import STATEMENTS

from .commands import checked, in_folder, tree
from .inputs import (
    NASTY,
    OF_VOTES,
    OPTIONS,
    OUTPUTS,
    PATHS,
    PLAIN_TABLES,
    PLAIN_VOTES,
    TABLES,
    VOTES,
    WORDS,
    damaged,
    furnish,
    options_of,
)

IDS = ("lemma-2.2", "density-monotone", "reward-monotone")
_NAMES = st.one_of(st.sampled_from((*IDS, "limit_density", "lemma-2.2#x", "Lemma-2.2")), WORDS)
_FORMULAS = st.one_of(
    st.sampled_from(
        (
            "2*bound",
            "bound",
            "bound +",
            "9**9**9",
            "__import__('os')",
            "1/0",
            "x.y",
            "(" * 300,
            "K",
            "λ",
            "bound if K else 0",
            "lambda: 0",
            "f'{bound}'",
            "1e400*bound",
            "nan",
            "bound-bound/0",
            "[1]",
            "oo",
            "E",
        )
    ),
    st.text("bound0123456789+-*/(). K", max_size=12),
    WORDS,
)
_WORDS_OF = {
    "check": {
        "--bound": _FORMULAS,
        "--without": st.one_of(st.just("start"), WORDS),
        "--level": st.sampled_from(("quick", "QUICK", "")),
        "--seed": st.sampled_from(("0", "1", "-1", "x", "9" * 400)),
        "--jobs": st.sampled_from(("1", "0", "x")),
        "--json": st.sampled_from((*PATHS, *IDS)),
        "--junit": st.sampled_from((*PATHS, *IDS)),
        "--html": st.sampled_from((*PATHS, *IDS)),
    },
    "hunt": {
        "--budget": st.sampled_from(
            ("0.05s", "0", "-1", "1e400s", "nan", "inf", "1e-9h", "s", "", "5 s")
        ),
        "--seed": st.sampled_from(("0", "-1", "x")),
    },
    "list": {},
    "explain": {"--html": st.sampled_from((*PATHS, *IDS))},
    "figures": {
        "--scale": st.sampled_from(("smoke", "x")),
        "--device": st.sampled_from(("cpu", "cuda:99999999999999999999", "gpu", "mps")),
        "--data": st.sampled_from(
            ("digits", "cifar10:", "cifar10:folder", "cifar10:old.txt", "cifar10:null", "x")
        ),
    },
}
_FLAGS_OF = {
    "check": ("--margins",),
    "hunt": ("--json",),
    "list": ("--json", "--long"),
    "explain": ("--json", "--latex", "--no-cache"),
    "figures": ("--force",),
}


@contextmanager
def place():
    """A fresh folder with a home, for one command or more; it is removed at the end."""
    top = Path(tempfile.mkdtemp(dir="/tmp" if os.path.isdir("/tmp") else None))
    try:
        with in_folder(top) as work:
            furnish(work)
            yield work
    finally:
        shutil.rmtree(top)


@contextmanager
def little_effort():
    """Let `check` try little, and figures be one that is made at once, while the block lasts."""
    little = replace(kinds.EFFORTS["quick"], property=2, exact=2, certified=1, sampled=1)
    with (
        mock.patch.dict(kinds.EFFORTS, quick=little),
        mock.patch.dict(FIGURES, {"tiny": TINY}),
        mock.patch.object(style, "FORMATS", ("png",)),
    ):
        yield


def tables(data):
    """A command on a table: bytes and options of any kind."""
    command = data.draw(st.sampled_from(sorted(OPTIONS)), "command")
    # Where all is odd, the first odd thing hides the others.
    odd = data.draw(st.sampled_from(("table", "options", "options")), "odd")
    plain, every = (PLAIN_VOTES, VOTES) if command in OF_VOTES else (PLAIN_TABLES, TABLES)
    ending, content = data.draw(plain if odd == "options" else every, "table")
    arguments, outputs = data.draw(options_of(command, odd == "options"), "options")
    with place() as work, little_effort():
        (work / f"table{ending}").write_bytes(content)
        from_pipe = ending == ".csv" and data.draw(st.booleans(), "from a pipe")
        source = "-" if from_pipe else f"table{ending}"
        if data.draw(st.integers(0, 19), "no table") == 19:
            source = data.draw(
                st.sampled_from(("missing.csv", "folder", "null", "loop", "x" * 300, ""))
            )
        words = (*command.split(), source, *arguments)
        checked(*words, stdin=content if from_pipe else b"", outputs=outputs)


def words(data):
    """Any command line."""
    command = data.draw(st.sampled_from(sorted(_WORDS_OF)), "command")
    names = data.draw(st.lists(_NAMES, max_size=2), "names")
    if command == "check" and not names:  # all results would take long
        names = ["lemma-2.2"]
    if command == "figures":  # all would, too; nor is one of the package's own made
        names = [name for name in names if name not in FIGURES] or ["tiny"]
    arguments, outputs = [], []
    options = _WORDS_OF[command]
    for name in data.draw(
        st.lists(st.sampled_from([*options, *_FLAGS_OF[command]]), max_size=4)
        if options or _FLAGS_OF[command]
        else st.just([]),
        "options",
    ):
        arguments.append(name)
        if name in options:
            arguments.append(data.draw(options[name]))
            if name in OUTPUTS:
                outputs.append(arguments[-1])
    if command == "check":
        arguments += ["--jobs", "1"]
    if command == "hunt":
        names, arguments = names[:1], ["--budget", "0.05s", *arguments]
    if command == "figures":
        outputs.append("out")
        arguments += ["--out", "out"]
    if data.draw(st.integers(0, 9), "anything at the end") == 9:
        arguments.append(data.draw(st.sampled_from(NASTY)))
        if arguments[-1] == "-1" or command in ("check", "figures"):
            arguments.pop()
    with place(), little_effort():
        checked(command, *names, *arguments, outputs=outputs)


def _columns(run):
    return Table({"x": np.arange(3.0)}, {"x": "a number"})


def _draw(tables, parameters):
    figure = Figure(figsize=(1, 1))
    figure.subplots().plot(tables["numbers"]["x"])
    return figure


TINY = Recipe(
    name="tiny",
    title="A figure made at once",
    parameters={scale: {"n": 3} for scale in ("smoke", "default", "paper")},
    tables={"numbers": _columns},
    draw=_draw,
    caption=lambda tables, parameters: "Three numbers.",
)
_MAKE_TINY = ("figures", "tiny", "--scale", "smoke", "--out", "out")


@cache
def _made():
    """Return the files of a folder of figures as they should be."""
    with place() as work, little_effort():
        checked(*_MAKE_TINY, outputs=["out"])
        return tree(work / "out" / "smoke")


def _write(folder, files):
    for name, (kind, _, content) in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if stat.S_ISREG(kind):
            path.write_bytes(content)
        else:
            path.mkdir(exist_ok=True)


def _damage(data, path):
    """Damage a file, remove it, or put something else in its place."""
    content = path.read_bytes()
    what = data.draw(st.sampled_from(("bytes", "bytes", "bytes", "gone", "folder", "link")), "what")
    if what == "bytes":
        path.write_bytes(data.draw(damaged(content, path.suffix == ".json"), "content"))
        return
    path.unlink()
    if what == "folder":
        path.mkdir()
    elif what == "link":
        path.symlink_to("nowhere")


def folders(data):
    """A folder of figures in any state: the figure is made, and all is as it should be."""
    whole = _made()
    with place() as work, little_effort():
        folder = work / "out" / "smoke"
        _write(folder, whole)
        name = data.draw(st.sampled_from(sorted(whole)), "file")
        _damage(data, folder / name)
        ran = checked(*_MAKE_TINY, outputs=["out"])
        in_the_way = not (folder / name).is_file()
        if ran.code == 2:  # a folder of the user's is never removed
            assert in_the_way or name.endswith(".json"), ran
            return
        assert ran.code == 0, ran
        found = tree(folder)
        assert set(found) >= set(whole), ran
        for file, state in whole.items():
            if not file.endswith((".json", ".html")):  # which have times
                assert (folder / file).read_bytes() == state[2], (file, ran)
        _assert_page_is_safe(folder)


def _assert_page_is_safe(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    for link in re.findall(r"(?:href|src)=[\"']([^\"']*)", page):
        assert (folder / link).is_file(), link
        assert "/" not in link, link


_SIMULATE = (
    "simulate",
    "table.csv",
    "--steps",
    "2",
    "--generated",
    "9",
    "--replicates",
    "2",
    "--json",
)


@cache
def _checkpoint():
    """Return what a simulation prints, and the bytes of its finished checkpoint."""
    with place() as work:
        (work / "table.csv").write_text("reward\n0\n1\n2\n")
        ran = checked(*_SIMULATE, "--checkpoint", "state", outputs=["state"])
        return ran.out, (work / "state").read_bytes()


def checkpoints(data):
    """A checkpoint in any state: the right figures, or a refusal that leaves the file."""
    expected, content = _checkpoint()
    with place() as work:
        (work / "table.csv").write_text("reward\n0\n1\n2\n")
        (work / "state").write_bytes(data.draw(damaged(content), "content"))
        before = (work / "state").read_bytes()
        ran = checked(*_SIMULATE, "--checkpoint", "state", outputs=["state"])
        assert ran.code in (0, 2), ran
        if ran.code == 0:
            assert ran.out == expected, ran
        else:
            assert (work / "state").read_bytes() == before, ran


def caches(data):
    """A cache of proofs in any state: what is printed is what a fresh verification prints."""
    name = "density-monotone"
    with place() as work:
        home = work.parent / "home"
        with mock.patch.dict(os.environ):
            os.environ.pop("XDG_CACHE_HOME", None)
            expected = checked("explain", name)
            (file,) = [path for path in home.rglob("*.json") if name in path.name]
            _damage(data, file)
            ran = checked("explain", name)
            assert (ran.code, _without_times(ran.out)) == (0, _without_times(expected.out)), ran
        proof_cache.checked(STATEMENTS[name])


def _without_times(text):
    return re.sub(r"; [0-9.]+ s(, from the cache)?\)", ")", text)


ALL = {case.__name__: case for case in (tables, words, folders, checkpoints, caches)}
"""Every property, by its name: functions of what `hypothesis.strategies.data` draws."""
