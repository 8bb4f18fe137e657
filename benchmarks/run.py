"""Run the benchmarks and print what they measured against their targets.

    python benchmarks/run.py [--only NAME] [--json FILE]

Numbers are ratios between things measured side by side, so that they mean the same on another
machine. A missed target is reported, not an error. Keep the machine quiet: the matrix products
run on all cores and lose more than the single-threaded numpy.exp when another program has one.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from dataclasses import asdict

import bands
import compression
import engine
import imports
import large_tables
import reading
import sampled_rows
import sampling
import summarise
import votes
from measure import Row

from recurate.numerics.files import is_standard_output, written_text

BENCHMARKS = {
    "loop": engine.loop,
    "candidates": engine.candidates,
    "size": engine.size,
    "prompts": engine.prompts,
    "compression": compression.compression,
    "voters": large_tables.voters,
    "ranks": large_tables.ranks,
    "bands": bands.bands,
    "sampling": sampling.sampling,
    "reading": reading.reading,
    "summarise": summarise.summarise,
    "votes": votes.votes,
    "imports": imports.imports,
    "coverage": bands.coverage,
    "sampled_rows": sampled_rows.sampled_rows,
    "votes_coverage": votes.votes_coverage,
    "summarise_large": summarise.summarise_large,
}
LONG = {"coverage", "sampled_rows", "votes_coverage", "summarise_large"}  # long: only if asked for


def line(row: Row) -> str:
    """Return a row of the table as text."""
    value = "-" if row.value is None else f"{row.value:.4g}"
    target = "" if row.target is None else f"<= {row.target:g}"
    columns = f"{row.what:<54} {value:>7} {row.unit:<18} {target:<7} {row.verdict:<13} {row.note}"
    return columns.rstrip()


def main() -> None:
    """Run the benchmarks asked for."""
    parser = argparse.ArgumentParser(description="Measure recurate against its targets.")
    parser.add_argument("--only", metavar="NAME", choices=BENCHMARKS, help=", ".join(BENCHMARKS))
    parser.add_argument("--json", metavar="FILE", help="write the numbers there too")
    options = parser.parse_args()
    rows: list[Row] = []
    with written_text(options.json or io.BytesIO()) as file:
        is_printed = options.json is not None and is_standard_output(options.json)
        for name in [options.only] if options.only else [n for n in BENCHMARKS if n not in LONG]:
            measured = BENCHMARKS[name]()
            for row in measured:
                print(line(row), file=sys.stderr if is_printed else sys.stdout, flush=True)
            rows += measured
        results = [asdict(row) | {"verdict": row.verdict} for row in rows]
        file.write(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
