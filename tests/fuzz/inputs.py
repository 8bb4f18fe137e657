"""Strategies for what commands meet: bytes of tables, options, and states of folders."""

import bz2
import csv
import gzip
import io
import json
import lzma

import numpy as np
import pyarrow
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyarrow import parquet

NASTY = (
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "1",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1e309",
    "1e-400",
    "NaN",
    "Infinity",
    "1_000",
    "\u0663",
    "0x10",
    "9" * 400,
    "0.5",
    "1e12",
    "x",
    "\x1b[31mred\x1b[0m",
    "a\nb",
    "\u202eabc",
    "\udc80",
    "lemma-2.2",
    "/",
    "..",
    ".",
    "nowhere/x",
    "javascript:alert(1)",
    "A" * 5_000,
    "18446744073709551616",
    "-0.0",
    "None",
    "\u200b",
    "%s",
    "{0}",
    "[red]",
    "$x$",
    "a\\b",
    "*",
)
"""Values that nobody means, for any option."""

WORDS = st.one_of(
    st.sampled_from(
        ("a", "b", " a", "a ", "名", "=1+1", "[bold]", "$\\frac", "<b>&", "None", "nan")
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(NASTY).map(lambda word: word.encode("utf-8", "replace").decode()),
)

_NUMBERS = st.one_of(
    st.floats(-5, 5).map(lambda x: f"{x:.3g}"),
    st.integers(-3, 3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
_ODD_NUMBERS = st.sampled_from(
    (
        "",
        " ",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e-400",
        "1e308",
        "-1e308",
        "1_0",
        "1,5",
        "\u0661",
        "x",
        "0x1",
        "True",
        "1e12",
        "\x00",
        "9" * 200,
    )
)
_WEIGHTS = st.one_of(
    st.floats(0, 5).map(lambda x: f"{x:.3g}"),
    st.sampled_from(("0", "1e-300", "1e300", "1e308", "5e-324", "-1", "nan", "", "1e400")),
)


def edited(content, edits):
    """Return bytes with edits made: at a relative place, so many are replaced by others."""
    for place, width, new in edits:
        at = round(place * len(content))
        content = content[:at] + new + content[at + width :]
    return content


_rarely = st.integers(0, 5).map(lambda n: n == 5)  # shrinks to what is plain
_EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=6)), max_size=3)


def _maybe_edited(contents):
    return st.builds(edited, contents, st.one_of(st.just([]), _EDITS))


@st.composite
def csv_bytes(draw):
    """Bytes of a CSV table: mostly plain, with odd names, cells, ends of lines and encodings."""
    names = ["reward", *draw(st.sampled_from(((), ("group",), ("group", "weight"), ("weight",))))]
    if draw(_rarely):
        names.insert(0, draw(WORDS))
    if draw(_rarely):
        names[-1] = draw(WORDS)
    plain = {"reward": st.floats(-5, 5).map(repr), "weight": st.floats(0.1, 5).map(repr)}
    odd = {"reward": st.one_of(_NUMBERS, _ODD_NUMBERS), "weight": _WEIGHTS}
    labels, is_odd = draw(st.lists(WORDS, min_size=1, max_size=3)), draw(st.booleans())

    def cell(name):
        if name not in plain:
            return draw(st.sampled_from(labels))
        return draw(odd[name] if is_odd and draw(_rarely) else plain[name])

    rows = [[cell(name) for name in names] for _ in range(draw(st.integers(0, 8)))]
    file = io.StringIO()
    ends = ("\n", "\n", "\r\n", "\r")
    writer = csv.writer(
        file,
        delimiter=draw(st.sampled_from(";\t")) if draw(_rarely) else ",",
        lineterminator=draw(st.sampled_from(ends)),
    )
    writer.writerow(names)
    writer.writerows(rows)
    encodings = ("utf-8-sig", "utf-16", "latin-1")
    encoding = draw(st.sampled_from(encodings)) if draw(_rarely) else "utf-8"
    return file.getvalue().encode(encoding, "replace")


_PLAIN_TYPES = st.sampled_from(
    ("f8", "f4", "f2", "i8", "i1", "u8", "?", "c16", "S3", "U3", "M8[s]", "m8[s]", ">f8", "g")
).map(np.dtype)
_FIELDS = st.lists(
    st.tuples(st.sampled_from(("reward", "group", "weight", "x")), _PLAIN_TYPES),
    min_size=1,
    max_size=3,
    unique_by=lambda field: field[0],
).map(np.dtype)


@st.composite
def npy_bytes(draw):
    """Bytes of a NumPy array of any type and shape, or of several, or of Python's objects."""
    file = io.BytesIO()
    kind = draw(
        st.sampled_from(("array", "array", "rewards", "fields", "npz", "objects", "others"))
    )
    if kind == "rewards":
        np.save(file, draw(arrays.arrays("f8", st.integers(0, 9), elements=st.floats(-5, 5))))
    elif kind == "others":
        np.save(file, np.zeros(2, dtype=draw(st.sampled_from(("V3", "g", "G", "V0", "S0")))))
    elif kind == "objects":
        np.save(file, np.array([draw(st.floats()), None], dtype=object), allow_pickle=True)
    else:
        types = _FIELDS if kind == "fields" else _PLAIN_TYPES
        array = draw(
            arrays.arrays(draw(types), arrays.array_shapes(min_dims=0, max_dims=2, max_side=4))
        )
        if kind == "npz":
            np.savez(file, a=array)
        else:
            np.save(file, array)
    content = file.getvalue()
    if draw(st.booleans()):
        old, new = draw(
            st.sampled_from(
                (
                    (b"(", b"(1000000000000,"),
                    (b"'<f8'", b"'<f\\x'"),
                    (b"{", b"{{{{"),
                    (b"descr", b"\x1b[31m"),
                    (b"False", b"1e999"),
                    (b"shape", b"sh\nape"),
                    (b"}", b""),
                    (b"\x93NUMPY\x01", b"\x93NUMPY\x03"),
                )
            )
        )
        content = content.replace(old, new, 1)
    return content


@st.composite
def parquet_bytes(draw):
    """Bytes of a Parquet table with columns of many types."""
    size = draw(st.integers(0, 5))
    values = {
        "float": st.floats(width=32),
        "whole": st.integers(-5, 5),
        "words": WORDS,
        "bytes": st.binary(max_size=3),
        "flags": st.booleans(),
        "lists": st.lists(st.floats(0, 1), max_size=2),
    }
    columns = {}
    for name in draw(st.permutations(["reward", "group", "weight"]))[: draw(st.integers(1, 3))]:
        kind = values[draw(st.sampled_from(sorted(values)))]
        columns[name] = draw(st.lists(st.one_of(kind, st.none()), min_size=size, max_size=size))
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


@st.composite
def json_bytes(draw):
    """Bytes of JSON: records in an array, one a line, or under keys; lists in cells; damaged."""
    names = draw(st.permutations(["reward", "group", "weight", "prompt"]))[
        : draw(st.integers(1, 3))
    ]
    values = {
        "number": st.floats(-5, 5),
        "any number": st.floats() | st.integers(-(2**70), 2**70),
        "word": WORDS,
        "flag": st.booleans(),
        "list": st.lists(st.floats(-5, 5), max_size=3),
        "other": st.sampled_from((None, {}, [], {"a": 1}, [[1]], [{"b": 2}])),
    }
    kinds = {name: values[draw(st.sampled_from(sorted(values)))] for name in names}
    kinds["reward"] = st.floats(-5, 5) if draw(st.booleans()) else kinds.get("reward", st.none())
    records = draw(st.lists(st.fixed_dictionaries(kinds), max_size=5))
    form = draw(st.sampled_from(("array", "lines", "keys", "deep", "bare")))
    if form == "lines":
        return "\n".join(map(json.dumps, records)).encode()
    if form == "keys":
        return json.dumps({f"p{n}": records[:n] for n in range(3)}).encode()
    if form == "deep":
        return json.dumps({"m": {"p": records}, "n": {"p": {}}}).encode()
    if form == "bare":
        return json.dumps([record["reward"] for record in records]).encode()
    return draw(altered_json(json.dumps(records)))


_PACKED = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": lambda data: pyarrow.compress(data, codec="zstd", asbytes=True),
}


@st.composite
def packed_bytes(draw):
    """The end of a name and bytes of a compressed table, of any format."""
    ending = draw(st.sampled_from(sorted(_PACKED)))
    content = draw(st.one_of(csv_bytes(), npy_bytes(), parquet_bytes(), json_bytes()))
    return draw(st.sampled_from(("", ".csv"))) + ending, _PACKED[ending](content)


@st.composite
def arrow_bytes(draw):
    """Bytes of Arrow's IPC, a file or a stream."""
    table = parquet.read_table(io.BytesIO(draw(parquet_bytes())))
    file = io.BytesIO()
    open_ = draw(st.sampled_from((pyarrow.ipc.new_file, pyarrow.ipc.new_stream)))
    with open_(file, table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


_DOCUMENTS = st.sampled_from(
    (
        b"|reward|group|\n|---|:-:|\n|1|a|\n|2|b|\n",
        b"words\n\n| reward |\n|--|\n| 1 % |\n\nwords | more\n",
        b"- reward: 1\n- reward: 2\n- reward: 3\n",
        b"<html><table><tr><td>reward</td></tr></table>",
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94",
        b"1.5\n2\n-3e2\n",
        b"reward;group\n1,5;a\n2;b\n",
        b"_step,x__MIN,x__MAX\n1,2,3\n",
    )
)
_packed_edited = st.builds(
    lambda packed, edits: (packed[0], edited(packed[1], edits)),
    packed_bytes(),
    st.one_of(st.just([]), _EDITS),
)
_ENDINGS = st.sampled_from(
    (".csv", ".npy", ".npz", ".parquet", ".arrow", ".json", ".txt", ".md", "")
)

TABLES = st.one_of(
    st.tuples(st.just(".csv"), csv_bytes()),
    st.tuples(st.just(".csv"), csv_bytes()),
    st.tuples(st.just(".csv"), _maybe_edited(csv_bytes())),
    st.tuples(st.sampled_from((".npy", ".npz")), _maybe_edited(npy_bytes())),
    st.tuples(st.just(".parquet"), _maybe_edited(parquet_bytes())),
    st.tuples(st.sampled_from((".arrow", ".feather", "")), _maybe_edited(arrow_bytes())),
    st.tuples(st.sampled_from((".json", ".jsonl", ".csv")), _maybe_edited(json_bytes())),
    _packed_edited,
    st.tuples(st.sampled_from((".md", ".csv", "")), _maybe_edited(_DOCUMENTS)),
    st.tuples(_ENDINGS, st.binary(max_size=40)),
    st.tuples(_ENDINGS, csv_bytes()),
)
"""A table's ending and its bytes."""

RATED = (
    b"prompt,group,rater,reward,reward2,n\np,a,u,0.2,0.5,9\np,a,v,0.4,,9\np,b,u,0.9,0.7,3\n"
    b"q,a,u,0.6,0.1,5\nq,b,v,0.3,0.3,1\nq,b,u,0.8,-1,2\n"
)
"""Rates by raters; two of them in columns of their own."""

PLAIN_TABLES = st.sampled_from(
    (
        b"reward\n0\n1\n2\n",
        b"reward,group\n0,a\n1,b\n1,a\n-3,c\n",
        b"reward,group,weight\n0,a,1\n40,b,1e-9\n1,a,2\n",
        b"reward,group\n5,a\n",
        RATED,
        RATED,
    )
).map(lambda content: (".csv", content))
"""Tables with which nothing is wrong."""

_VOTES = st.sampled_from(
    (
        b"winner,loser\na,b\nb,a\nb,c\nc,a\n",
        b"model_a,model_b,winner,prompt\na,b,model_a,1\na,b,b,1\nb,c,tie,2\nc,a,c,2\n",
        b"pair,vote1,vote2\na_b,1,2\nb_c,0,1\nc_a,2,2\n",
        b"prompt,item,rank\n1,a,1\n1,b,2\n1,c,2\n2,c,1\n2,a,2\n3,b,1\n3,c,2\n",
        b"chosen_reward,rejected_reward\n2,1\n-1,3\n5,0.5\n",
    )
)
PLAIN_VOTES = _VOTES.map(lambda content: (".csv", content))
"""Tables of votes, or of scored pairs, with which nothing is wrong."""

VOTES = st.one_of(st.tuples(st.just(".csv"), _maybe_edited(_VOTES)), TABLES)
"""As TABLES, for commands that read votes."""

_COUNT = st.integers(0, 6).map(str)
_SHARE = st.floats(0, 1).map(repr)
_TABLE = {
    "--reward-column": st.sampled_from(("reward", "reward", "reward2")),
    "--group-column": st.just("group"),
    "--weight-column": st.just("weight"),
    "--prompt-column": st.just("group"),
    "--prompt-weights": st.sampled_from(("rows", "equal")),
    "--candidate-columns": st.sampled_from(("r*", "*", "reward", "[")),
    "--where": st.sampled_from(("reward < 100", "reward >= 0", '"reward" is not null')),
    "--missing": st.sampled_from(("error", "drop")),
    "--sentinel": st.sampled_from(("-1", "99", "")),
    "--scale": st.sampled_from(("1", "0", "-1", "1e-5", "30")),
    "--reward-is": st.sampled_from(("log-odds", "probability", "percent", "elo", "ratio")),
    "--trials": st.sampled_from(("10", "n", "1e9")),
    "--rater-column": st.just("rater"),
    "--candidate-column": st.just("group"),
    "--lists": st.sampled_from(("candidates", "raters")),
    "--raters": st.sampled_from(("mean", "mean", "voters")),
    "--choice": st.sampled_from(("bradley-terry", "best", "best:2", "top:0.5", "accept")),
    "--shares": st.sampled_from(("1", "0.5,0.5", "0.25,0.75")),
    "--random-clicks": _SHARE,
    "--flipped-votes": _SHARE,
    "--nothing-accepted": st.sampled_from(("refuse", "keep", "drop")),
    "--retain": _SHARE,
    "--accumulate": None,
    "--per-round": st.sampled_from(("1", "0.1", "1e9", "1e-9")),
    "--loop": st.sampled_from(("table.csv", "loop.toml", "folder")),
    "-K": st.sampled_from(("1", "2", "4", "17", "inf", "1e9", "2.0")),
    "--lam": st.sampled_from(("0", "1", "0.1", "1e-9", "1e9", "inf", "3")),
    "--real-fraction": _SHARE,
    "--example": st.sampled_from(("digits-class", "digits-confidence")),
    "--json": None,
}
_FOLLOWED = _TABLE | {"--follow": st.just("reward")}
_SEED = st.integers(0, 9).map(str)
PATH = st.deferred(lambda: st.sampled_from(PATHS))
_TABLES_OUT = st.sampled_from(("s.csv", "folder/s.parquet", "-", "nowhere/s.csv", "folder", "link"))
OUTPUTS = ("--out", "--checkpoint", "--json", "--junit", "--html", "--plot", "--frontier")
"""Options that name outputs, if anything follows them."""

_VOTED = {
    "--item-column": st.sampled_from(("model_a", "item")),
    "--vote-column": st.sampled_from(("winner", "vote1")),
    "--codes": st.sampled_from(("1=a,2=b,0=tie", "a=a", "1=none")),
    "--pair-column": st.just("pair"),
    "--rank-column": st.just("rank"),
    "--prior": st.sampled_from(("2", "1e-9", "1e9", "1")),
}
"""What a table of votes holds: options of all commands that take one."""

_ROWS = {
    "--prompt-column": st.just("prompt"),
    "--where": st.sampled_from(("1 = 1", "winner = 'a'")),
    "--missing": st.sampled_from(("error", "drop")),
    "--json": None,
}

OPTIONS = {
    "predict": _FOLLOWED
    | {"--steps": _COUNT, "--bands": _COUNT, "--seed": _SEED, "--out": PATH, "--theory": None},
    "fixed-point": _FOLLOWED,
    "choose": _TABLE
    | {
        "--max-kl": st.floats(1e-3, 2).map(repr),
        "--group": st.sampled_from("abc"),
        "--max-share": _SHARE,
        "--min-share": _SHARE,
        "--steps": _COUNT,
    },
    "sweep": _FOLLOWED
    | {
        "-K": st.sampled_from(("1", "2,4", "2:8:3:log", "3,inf", "1e9", "4,4", "2,,3", "0")),
        "--lam": st.sampled_from(("0,1", "0.1:10:3:log", "inf,1e-9", "1:2", "3")),
        "--real-fraction": st.sampled_from(("0:1:3", "0.5", "0.1,2")),
        "--scale": st.sampled_from(("1", "0,1", "1e-5,30", "-1:1:3")),
        "--choice": st.sampled_from(
            ("best,top:0.5", "bradley-terry,accept", "best,best:2", "best")
        ),
        "--steps": _COUNT,
        "--no-fixed-points": None,
        "--figure": st.sampled_from(("mass_at_max", "proportion[a]", "t", "expected_reward")),
        "--at": st.sampled_from(("0", "1", "inf")),
        "--max-kl": st.sampled_from(("0", "0.1", "inf")),
        "--out": _TABLES_OUT,
        "--plot": st.sampled_from(("p.png", "p.svg", "folder/p.pdf", "p.gif", "link")),
        "--frontier": st.sampled_from(("f.png", "p.png", "f.svg", "-")),
    },
    "simulate": _TABLE
    | {
        "--steps": _COUNT,
        "--generated": st.integers(1, 40).map(str),
        "--curated": st.integers(1, 40).map(str),
        "--replicates": st.integers(1, 4).map(str),
        "--seed": _SEED,
        "--backend": st.sampled_from(("numpy", "numpy", "torch")),
        "--device": st.just("cpu"),
        "--precision": st.sampled_from(("float64", "float32")),
        "--checkpoint": PATH,
        "--out": PATH,
    },
    "votes": _VOTED | _ROWS | {"--out": PATH},
    "calibrate": {
        "--chosen-column": st.sampled_from(("chosen_reward", "a")),
        "--rejected-column": st.sampled_from(("rejected_reward", "b")),
        "--codes": st.just("1=a,2=b"),
        "--vote-column": st.sampled_from(("winner", "vote1")),
        "--prompt-column": st.just("prompt"),
        "--missing": st.sampled_from(("error", "drop")),
        "--json": None,
    },
}
"""Options of the commands that read a table, and what may follow each; None for a flag."""

for _command in ("predict", "fixed-point", "choose", "simulate", "sweep"):
    _loop = {name: values for name, values in OPTIONS[_command].items() if name not in _FOLLOWED}
    _loop |= {name: _TABLE[name] for name in ("--scale", "-K", "--lam", "--real-fraction")}
    OPTIONS[f"{_command} --votes"] = _loop | _VOTED | _ROWS

OF_VOTES = tuple(command for command in OPTIONS if "votes" in command or command == "calibrate")
"""Those of them that read votes."""

_CHOICES = (("-K", "--max-kl"), ("--lam", "--max-kl"), ("-K", "--group", "--max-share"))

PATHS = (
    "out",
    "folder",
    "folder/out",
    "link",
    "dangling",
    "loop",
    "nowhere/out",
    "old.txt",
    "null",
    "full",
    "",
    "/dev/full",
    "-",
    "table.csv",
    "sub/../out",
    "name\x1b[31m",
    "x" * 300,
)
"""Places for an output, made by `furnish`."""


@st.composite
def options_of(draw, command, is_odd):
    """Draw options of a command; return the arguments, and the outputs that they name.

    They are such as go together, with values that may be meant; if `is_odd`, but for one of them.
    """
    known = OPTIONS[command]
    apart = {"--example", "--real-fraction", "--group-column", "--weight-column"}
    apart |= {"--prompt-column", "--prompt-weights", "--candidate-columns"}
    if command.startswith("choose"):
        apart |= {"-K", "--lam", "--max-kl", "--group", "--max-share", "--min-share"}
    wanted = draw(st.lists(st.sampled_from(sorted(known.keys() - apart)), max_size=4, unique=True))
    if command.startswith("choose"):
        wanted += draw(st.sampled_from(_CHOICES))
    values = {name: None if known[name] is None else draw(known[name]) for name in wanted}
    if is_odd:
        name = draw(st.sampled_from(sorted(known)))
        # What is written to these is not this folder's, or may be anything in it.
        nasty = [word for word in NASTY if name not in OUTPUTS or word not in ("/", "..", ".")]
        values[name] = None if known[name] is None else draw(known[name] | st.sampled_from(nasty))
    arguments = [
        word
        for name, value in values.items()
        for word in ((name,) if value is None else (name, value))
    ]
    if command.startswith("sweep"):  # processes would share one core with the tests
        arguments += ["--jobs", "1"]
    return arguments, [values[name] for name in OUTPUTS if values.get(name) is not None]


def furnish(work):
    """Make what `PATHS` names in a folder."""
    import os
    import stat

    (work / "folder").mkdir()
    (work / "old.txt").write_text("the user's own\n")
    (work / "target.txt").write_text("the link's target\n")
    (work / "link").symlink_to("target.txt")
    (work / "dangling").symlink_to("missing.txt")
    (work / "loop").symlink_to("loop")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # only root may make devices
        for name, minor in (("null", 3), ("full", 7)):
            os.mknod(work / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))


@st.composite
def altered_json(draw, content):
    """Draw a JSON document with something in it replaced, removed or added."""
    document = json.loads(content)
    parent, key = None, None
    here = document
    for _ in range(draw(st.integers(0, 5))):
        if isinstance(here, dict) and here:
            parent, key = here, draw(st.sampled_from(sorted(here)))
        elif isinstance(here, list) and here:
            parent, key = here, draw(st.integers(0, len(here) - 1))
        else:
            break
        here = parent[key]
    value = draw(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-1, 2**70),
            st.floats(),
            WORDS,
            st.just([]),
            st.just({}),
            st.sampled_from(("verified", "cited", "javascript:x", "../../x", "<b>")),
            st.just([[[]]]),
        )
    )
    action = draw(st.sampled_from(("replace", "replace", "remove", "add")))
    if parent is None:
        document = value
    elif action == "replace":
        parent[key] = value
    elif action == "remove":
        del parent[key]
    elif isinstance(parent, dict):
        parent[draw(WORDS)] = value
    else:
        parent.insert(key, value)
    return json.dumps(document).encode()


@st.composite
def damaged(draw, content, is_json=False):
    """Draw bytes made from those of a file: cut off, edited, emptied, or altered as JSON."""
    kinds = ["cut", "edited", "empty", "other"] + ["altered"] * (4 if is_json else 0)
    kind = draw(st.sampled_from(kinds))
    if kind == "cut":
        return content[: round(draw(st.floats(0, 1)) * len(content))]
    if kind == "edited":
        return edited(content, draw(_EDITS))
    if kind == "altered":
        return draw(altered_json(content))
    return b"" if kind == "empty" else draw(st.binary(max_size=60))
