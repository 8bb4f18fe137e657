"""`recurate sweep` refuses in one line what cannot be, and leaves nothing behind."""

import os

import pytest

from ..in_process import recurate


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "sweep needs exactly one of FILE, --example and --votes"),
        (["t.csv", "--example", "digits-class"], "sweep needs exactly one of FILE, --example"),
        (["t.csv", "t.csv"], "each FILE must be given once"),
        (["t.csv", "-K", "2,0"], "K must be an integer of at least 1 or infinity; got 0"),
        (["t.csv", "-K", "2,x"], "-K must be numbers, as 0.5,1,inf, or ranges"),
        (["t.csv", "-K", "2.5"], "K must be an integer of at least 1 or infinity; got 2.5"),
        (["t.csv", "--lam", "1,-1"], "lam must be a number of at least 0"),
        (["t.csv", "--lam", "nan"], "lam must be a number of at least 0"),
        (["t.csv", "--lam", "0.1:1"], "a range needs its number of values"),
        (["t.csv", "--real-fraction", "0.5,2"], "--real-fraction must be from 0 to 1; got 2"),
        (["t.csv", "--lam", "1", "--real-fraction", "0.5"], "only one of --lam and --real-fract"),
        (["t.csv", "--choice", "best", "-K", "2,inf"], "--choice best needs a finite K"),
        (["t.csv", "--choice", "top:0.5", "-K", "2"], "leave -K out"),
        (["t.csv", "--choice", "best,worst"], "--choice must be bradley-terry, best"),
        (["t.csv", "--choice", "best,best"], "--choice must name each rule once; got best,best"),
        (["t.csv", "--choice", "best, best"], "--choice must name each rule once"),
        (["t.csv", "--choice", ""], "--choice must be bradley-terry"),
        (["t.csv", "--scale", "1,inf"], "--scale must be a finite number; got inf"),
        (["t.csv", "--scale", "1,x"], "--scale must be numbers"),
        (["t.csv", "--steps", "-1"], "steps must be"),
        (["t.csv", "--at", "11"], "--at must be an integer from 0 to 10, or inf for the fixed"),
        (["t.csv", "--at", "inf", "--no-fixed-points"], "--at must be an integer from 0 to 10; g"),
        (["t.csv", "--at", "x"], "--at must be a number"),
        (["t.csv", "--figure", "kl"], "--figure must be one of 'expected_weight'"),
        (["t.csv", "--figure", "t"], "--figure must be one of"),
        (["t.csv", "--max-kl", "-1"], "--max-kl must be a number of at least 0; got -1"),
        (["t.csv", "--max-kl", "nan"], "--max-kl must be a number of at least 0; got nan"),
        (["t.csv", "-o", "s.xlsx"], "--out must end in .csv or .parquet; got 's.xlsx'"),
        (["t.csv", "-o", ""], "--out must end in .csv or .parquet; got ''"),
        (["t.csv", "-o", "t.csv"], "--out must be two files"),
        (["t.csv", "-o", "nowhere/s.csv"], "No such file or directory"),
        (["t.csv", "-o", "-", "--json"], "where --out - would write too"),
        (["t.csv", "--plot", "p.gif"], "--plot must end in .png or .svg or .pdf; got 'p.gif'"),
        (["t.csv", "--plot", "-"], "--plot must end in"),
        (["t.csv", "--plot", "p.png", "--frontier", "p.png"], "must be two files"),
        (["t.csv", "--jobs", "2", "--workers", "2"], "only one of --jobs, --workers"),
        (["t.csv", "u.csv"], "No such file or directory"),
        (["-", "--scale", "1,2"], "a pipe is read once, and the tables once for each --scale, 2"),
        # Before the table is read, of six figures; then of nine, with its three groups.
        (["t.csv", "-K", "1:999:999", "--lam", "1:9:9999"], "at most 1,388,888 cells; got 9,989,"),
        (["t.csv", "--steps", "1000000", "-K", "1:12:12"], "must have at most 11 cells; got 12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_refused_before_the_work(here, monkeypatch, arguments, message):
    monkeypatch.setattr("recurate.sweeping.sweep.measured", None)
    before = sorted(os.listdir())
    done = recurate("sweep", *arguments, input="reward\n1\n2\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(os.listdir()) == before
