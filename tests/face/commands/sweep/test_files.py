"""What `recurate sweep` writes, prints and draws says the same, whatever the names are."""

import csv
import io
import json
import math
import os
import xml.etree.ElementTree as ElementTree

import polars

from ..in_process import document, recurate, succeeded


def test_csv_parquet_and_json_say_the_same(here):
    line = ("t.csv", "-K", "2,inf", "--lam", "0.5,inf", "--steps", "3", "--follow", "length")
    for name in ("s.csv", "s.parquet"):
        assert f"wrote {name}" in succeeded("sweep", *line, "-o", name, "--jobs", "1").stdout
    parquet = polars.read_parquet("s.parquet")
    words = [name for name, kind in parquet.schema.items() if kind == polars.String]
    assert words == ["table", "rule", "no_fixed_point"]
    text = polars.read_csv("s.csv", schema_overrides=dict.fromkeys(words, polars.String))
    assert text.with_columns(polars.col(words).fill_null("")).equals(parquet)
    columns = document("sweep", *line, "--jobs", "1")["columns"]
    for name, values in columns.items():
        values = [math.inf if value == "inf" else value for value in values]
        assert values == parquet[name].to_list()
    assert sorted(os.listdir()) == ["rates.csv", "s.csv", "s.parquet", "t.csv", "votes.csv"]


def test_names_that_nobody_expected(here):
    table = here / "na\nme, \x1b[31m$x_1$ \u202e审.csv"
    table.write_text('reward,group\n1,"a,b\n\x1b[0m"\n2,"""q"""\n0,=1+1\n3,审\n')
    line = (table.name, "-K", "2,4", "--lam", "0.5,1,2", "--steps", "2")
    pictures = ("--plot", "p.svg", "--frontier", "f.svg", "--max-kl", "0.2")
    done = succeeded("sweep", *line, "-o", "s.csv", *pictures, "--jobs", "1")
    text = done.stdout + done.stderr
    assert not set(text) & {"\x1b", "\u202e", "\r"}
    rows = list(csv.DictReader(io.StringIO((here / "s.csv").read_bytes().decode())))
    assert {row["table"] for row in rows} == {table.name}
    predicted = document(
        "predict", table.name, "-K", "2", "--lam", "0.5", "--bands", "0", "--steps", "2"
    )
    shares = [name for name in rows[0] if name.startswith("proportion[")]
    assert len(shares) == 4
    for name in shares:
        assert name.isprintable()
    values = [[float(row[name]) for name in shares] for row in rows[:3]]
    assert values == predicted["trajectory"]["group_proportions"]
    for name in ("p.svg", "f.svg"):
        ElementTree.parse(here / name)
    found = polars.read_parquet(_parquet(here, line))
    assert found["table"].to_list() == [row["table"] for row in rows]
    drawn = succeeded("sweep", *line, "--figure", shares[0], "--plot", "g.png", "--jobs", "1")
    assert shares[0] in drawn.stdout


def _parquet(here, line):
    succeeded("sweep", *line, "-o", "s.parquet", "--jobs", "1")
    return here / "s.parquet"


def test_the_best_loop_within_a_divergence_is_told(here):
    line = ("t.csv", "-K", "2,4,16", "--lam", "0.5,2,inf", "--steps", "6", "--max-kl", "0.3")
    found = document("sweep", *line, "--jobs", "1")
    columns, (best,) = found["columns"], found["best"]
    allowed = [
        reward
        for reward, divergence in zip(
            columns["expected_reward"], columns["kl_to_reference"], strict=True
        )
        if divergence <= 0.3
    ]
    assert best["expected_reward"] == max(allowed)
    shown = succeeded("sweep", *line, "--jobs", "1").stdout
    where = "the fixed point" if best["t"] == "inf" else f"t = {best['t']:g}"
    assert f"{best['expected_reward']:.4f}, by bradley-terry, K = {best['K']:g}" in shown
    assert f"at {where}, of KL {best['kl_to_reference']:.4f}" in shown
    line = ("t.csv", "--real-fraction", "0.3", "--max-kl", "0.1", "--jobs", "1")
    assert "by bradley-terry, K = 4, real = 0.3 at t" in succeeded("sweep", *line).stdout
    nothing = succeeded("sweep", "t.csv", "-K", "2", "--max-kl", "0", "--jobs", "1").stdout
    assert "at t = 0, of KL 0.0000" in nothing


def test_rows_of_json_are_numbers(here):
    found = json.loads(recurate("sweep", "t.csv", "-K", "2", "--json", "--jobs", "1").stdout)
    assert found["tables"] == [{"source": "t.csv", "rewards": 60, "scale": 1.0}]
    assert found["columns"]["t"] == [*map(float, range(11)), "inf"]
