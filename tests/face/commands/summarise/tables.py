"""Tables in parts, and the laws that `recurate summarise` makes of them."""

from itertools import pairwise

import numpy as np
import polars as pl

from ..in_process import succeeded

ROWS = 40_000
"""More than the 21,000 that are kept as they are, without one of three groups too."""

ALONE = ("--jobs", "1")
LOOP = ("--bands", "0", "--steps", "6", "--lam", "2")


def frame(rows=ROWS, prompts=0, seed=0):
    rng = np.random.default_rng(seed)
    reward = rng.normal(size=rows)
    columns = {
        "reward": reward,
        "group": rng.choice(["a", "b", "c c"], rows),
        "weight": rng.uniform(0.5, 2.0, rows),
        "length": rng.poisson(50 + 10 * reward).astype(float),
    }
    if prompts:
        columns["question"] = rng.integers(prompts, size=rows)
    return pl.DataFrame(columns)


def written(table, path):
    match path.suffix:
        case ".csv":
            table.write_csv(path)
        case ".parquet":
            table.write_parquet(path)
        case ".jsonl":
            table.write_ndjson(path)


def in_parts(table, folder, suffix, parts=5):
    """Write a table in parts of unlike sizes, and whole; return the file of the whole."""
    (folder / "data").mkdir()
    ends = np.linspace(0, 1, parts + 1) ** 2 * table.height
    for number, (start, end) in enumerate(pairwise(ends)):
        part = table[int(start) : int(end)]
        written(part, folder / "data" / f"part-{number:03}{suffix}")
    written(table, folder / f"whole{suffix}")
    return folder / f"whole{suffix}"


def figures(found):
    """Return all figures of a prediction."""
    trajectory = found["trajectory"]
    names = ("group_proportions", "expected_scores", "expected_reward", "kl_to_reference")
    return np.concatenate([np.ravel(trajectory[name]) for name in names])


def law_of(parts, *options, out="law.npz", jobs=1):
    """Summarise parts, and return the bytes of the law."""
    out = parts.parent / out
    succeeded("summarise", parts, "-o", out, "--jobs", jobs, *options)
    return out.read_bytes()


def sums(law):
    """Return the bytes of the arrays in a law: all but how its parts were named."""
    with np.load(law) as archive:
        return {name: archive[name].tobytes() for name in archive.files if name != "about.json"}
