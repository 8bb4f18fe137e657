"""`recurate votes`, and `--votes` of the commands that take a table.

Numbers of votes.jsonl and coded_votes.json are those that came with the files (a maximum likelihood
of its own, ties half, and a dense oracle for the loop); others are worked out beside the test.
"""

import csv
import errno
import io
import json
import os
import re
import shlex
import threading
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from recurate.cli import app
from recurate.commands.vote_options import PANEL, VoteOptions
from recurate.numerics.votes.cycles import cycles
from recurate.numerics.votes.fit import fitted
from recurate.numerics.votes.goodness import fit_test
from recurate.numerics.votes.votes import Votes
from recurate.printing.votes import MOST_ITEMS, print_votes
from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.table import VotedTable

from ...special_files import FULL, NULL, device, tree
from .in_process import document, recurate, refused

INPUTS = Path(__file__).parents[1] / "reading" / "inputs"
STAR = INPUTS / "votes.jsonl"
CODED = (INPUTS / "coded_votes.json", "--codes", "1=a,2=b,0=tie")
ITEMS = ["m1", "m2", "m3", "m4", "m5"]
OF_VOTES = {"item_column", "vote_column", "codes", "pair_column", "rank_column", "prior"}
SMALL = "winner,loser\na,b\nb,a\nb,c\nc,b\na,c\n"
SWEPT = "winner,loser\na,b\na,c\nb,c\nc,b\n"
COMMANDS = typer.main.get_command(app).commands


def of_items(entries, name):
    found = {entry["item"]: entry[name] for entry in entries}
    return [found[item] for item in ITEMS]


def shares(*arguments):
    """Return the groups' shares at t = 3, in the order of ITEMS."""
    told = document(*arguments, "--steps", "3", "--bands", "0")["trajectory"]
    return [told["group_proportions"][3][told["group_names"].index(item)] for item in ITEMS]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a table of votes, in which commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.csv").write_text(SMALL)
    return tmp_path


# Rewards


def test_a_star_of_votes():
    told = document("votes", STAR)
    entries = told["items"]
    assert [entry["item"] for entry in entries] == ["m4", "m1", "m5", "m3", "m2"]
    expected = [0.4934, -1.2611, -0.1385, 0.7189, 0.1872]
    assert of_items(entries, "reward") == pytest.approx(expected, abs=5.1e-5)
    expected = [0.2088, 0.0963, 0.1954, 0.2251, 0.2091]
    for name in ("standard_error", "naive_standard_error"):
        assert of_items(entries, name) == pytest.approx(expected, abs=5.1e-5)
    assert sum(of_items(entries, "votes")) == 1000  # each is on two items
    assert [told["parameters"][name] for name in ("votes", "ties", "prior")] == [500, 8, None]
    assert told["parameters"]["clusters"] == {"of": "vote", "count": 500}
    for i, entry in enumerate(entries):
        assert told["covariance"][i][i] == pytest.approx(entry["standard_error"] ** 2)
    assert list(told["test_of_fit"]) == ["reason"]
    assert told["cycles"] == []
    said = recurate("votes", STAR).stdout
    assert said.startswith("votes.jsonl: 500 votes (8 ties) on 5 items\n")
    assert "nothing tests it: every comparison is with 'm2'" in said
    assert "naive" not in said
    row = next(line.split() for line in said.splitlines() if line.split()[:1] == ["m4"])
    assert row[:4] == ["m4", "0.7189", "0.2251", "136"]  # grep -c m4 votes.jsonl


def test_annotators_of_one_pair_depend_on_one_another():
    told = document("votes", *CODED)
    expected = [-0.0128, 0.6954, -0.2143, -0.5546, 0.0864]
    assert of_items(told["items"], "reward") == pytest.approx(expected, abs=5.1e-5)
    naive = of_items(told["items"], "naive_standard_error")
    assert [min(naive), max(naive)] == pytest.approx([0.047, 0.050], abs=5e-4)
    by_pair = of_items(told["items"], "standard_error")
    # Standard deviations of 400 tables of 999 pairs drawn with replacement: to 1/√800, or 3.5%.
    assert by_pair == pytest.approx([0.0740, 0.0784, 0.0722, 0.0786, 0.0774], rel=0.12)
    assert told["parameters"]["votes"] == 2997
    assert told["parameters"]["clusters"] == {"of": "row", "count": 999}
    assert 0 <= told["test_of_fit"]["p_value"] <= 1
    said = " ".join(recurate("votes", *CODED).stdout.split())
    assert "by rows: votes of one row may depend on one another (2,997 votes of 999 rows)" in said
    assert "naive: standard error as if all votes were independent" in said


def test_rankings_of_a_prompt_each_need_no_option(tmp_path):
    table = tmp_path / "r.csv"
    ranked = [("p", "abc"), ("q", "cab"), ("r", "bca")]
    rows = (f"{p},{m},{i}" for p, models in ranked for i, m in enumerate(models, start=1))
    table.write_text("prompt,model,rank\n" + "\n".join(rows))
    said = recurate("votes", table, "--prompt-column", "prompt").stdout
    assert "as if all votes were independent: each is on a prompt of its own" in said
    assert "which depend on one" in recurate("votes", table).stdout


def test_a_cycle_is_named_and_the_form_doubted(here):
    # Each of three is chosen over the next in 27 of 30: P(Bin(30, 1/2) >= 27) is 4e-6.
    rows = ["winner,loser"]
    for a, b in ("rs", "sp", "pr"):
        rows += [f"{a},{b}"] * 27 + [f"{b},{a}"] * 3
    Path("v.csv").write_text("\n".join(rows) + "\n")
    said = recurate("votes", "v.csv").stdout
    (line,) = [line for line in said.splitlines() if "a cycle: " in line]
    names = re.search(r"a cycle: (.) over (.) over (.) over (.) \(p < 0.0001, ", line)
    assert "".join(names.groups()) in ("rspr", "sprs", "prsp")
    assert "no: p < 0.0001 (X² = 57.6; on average " in said  # 3 · 30 · .4²/.25
    assert "no rewards explain these votes" in said
    # All are off alike: rewards are 0 by symmetry.
    assert re.search(r"furthest off: . over . in 0\.90 of 30 votes, 0\.50 by the rewards", said)
    told = document("votes", "v.csv")
    furthest = told["test_of_fit"]["furthest"]
    assert (furthest["votes"], furthest["share"]) == (30, 0.9)
    assert furthest["share_by_rewards"] == pytest.approx(0.5)
    for arguments in (
        ("predict", "--steps", "1", "--bands", "0"),
        ("fixed-point", "--lam", "1"),
        ("choose", "--max-kl", "0.1", "-K", "4", "--bands", "0"),
    ):
        said = recurate(*arguments, "--votes", "v.csv").stdout
        assert "Bradley–Terry does not fit these votes (p < 0.0001)" in said
        assert document(*arguments, "--votes", "v.csv")["test_of_fit"] == told["test_of_fit"]
    assert sorted(told["cycles"][0]["items"]) == ["p", "r", "s"]


def test_a_prior_is_asked_for_where_votes_fall_apart(here):
    Path("v.csv").write_text(SWEPT)
    for arguments in (("votes",), ("predict", "--votes")):
        refused(*arguments, "v.csv", message="got 'a', which never loses")
        refused(*arguments, "v.csv", message="or give a prior (--prior 2)")
    done = recurate("votes", "v.csv", "--prior", "2")
    assert "Bradley–Terry with a normal prior of standard deviation 2, in log-odds" in done.stdout
    assert "the prior (standard deviation 2) draws rewards together" in done.stdout
    narrow, wide = (
        document("votes", "v.csv", "--prior", prior)["items"][0]["reward"] for prior in "14"
    )
    assert 0 < narrow < wide
    said = recurate("predict", "--votes", "v.csv", "--prior", "2", "--bands", "0").stdout
    assert "with a normal prior" in said


@pytest.mark.parametrize("prior", ["0", "-1", "inf", "nan", "two", "1e400"])
def test_a_prior_is_a_positive_number(here, prior):
    refused("votes", "v.csv", "--prior", prior, message="--prior must be a")


@pytest.mark.parametrize("codes", ["", "1", "1=", "=a", "1=a,", "1=a,,2=b", "1:a"])
def test_codes_are_written_as_in_the_help(here, codes):
    refused("votes", "v.csv", "--codes", codes, message="--codes must say")


def test_other_bad_input_is_a_line(here):
    refused("votes", "none.csv", message="No such file or directory: 'none.csv'")
    refused("votes", "", message="FILE must be the name of a file")
    refused("votes", "v.csv", "--item-column", "x", message="--item-column")
    Path("rewards.csv").write_text("reward\n1\n2\n")
    refused("votes", "rewards.csv", message="rewards.csv must be a table of votes")


@pytest.mark.parametrize(
    ("table", "options"),
    [
        (
            "prompt,model,rater_a,rater_b\np,x,1,2\np,y,3,1\nq,x,2,2\nq,y,1,3\n",
            "--reward-column 'rater_a' --reward-column 'rater_b'",
        ),
        (
            "model,item_id,worker_id,answer\nx,i,v,3\nx,i,w,5\ny,i,v,2\ny,i,w,2\n",
            "--reward-column 'answer' --rater-column 'worker_id' --group-column 'model' "
            "--prompt-column 'item_id'",
        ),
        (
            "text,annotator,good,funny\ns,v,3,1\ns,w,5,2\n",
            "--reward-column NAME --rater-column 'annotator' --group-column NAME",
        ),
    ],
)
def test_ratings_are_for_predict_with_options_that_read_them(here, table, options):
    Path("r.csv").write_text(table)
    refused("votes", "r.csv", message=f"try recurate predict with {options}; if it does hold votes")
    if "NAME" not in options:
        told = document("predict", "r.csv", *shlex.split(options), "--bands", "0")
        assert told["parameters"]["table"]["reward"]


def test_a_judges_score_is_a_reward_and_tells_no_raters(here):
    Path("r.csv").write_text("model,judge_score\nx,3\ny,5\n")
    refused("votes", "r.csv", message="got one of rewards ('model', 'judge_score'): try recurate")


@pytest.mark.parametrize("items", [(), ("--item-column", "model_a", "--item-column", "model_b")])
def test_each_annotators_column_is_named(here, items):
    rows = ["model_a,model_b,ann1,ann2,note", "a,b,1,2,x", "b,c,2,2,y", "a,c,2,1,z", "b,a,2,1,x"]
    Path("v.csv").write_text("\n".join([*rows, "c,b,2,1,x", "c,a,1,1,z"]))
    typed = "--vote-column 'ann1' --vote-column 'ann2'"
    message = f"with {typed} (given again for each annotator); got 'model_a'"
    refused("votes", "v.csv", *items, message=message)
    told = document("votes", "v.csv", *items, *shlex.split(typed), "--codes", "1=a,2=b")
    assert told["parameters"]["clusters"] == {"of": "row", "count": 6}


def test_columns_of_two_sides_are_not_annotators(here):
    Path("v.csv").write_text("model_1,model_2,text_1,text_2\na,b,x,y\n")
    refused("votes", "v.csv", message="what was chosen with --vote-column; got 'model_1'")


# What is printed


def voted(*pairs, clusters=None):
    votes = Votes.of(*zip(*pairs, strict=True), clusters=clusters)
    return VotedTable("v.csv", AskedVotes(), fitted(votes))


def printed(read, width):
    console = Console(width=width, file=io.StringIO(), color_system=None)
    found = fit_test(read.voted), cycles(read.voted.votes)
    print_votes(read, *found, ["recurate predict --votes v.csv -K 4"], console)
    return console.file.getvalue()


def test_a_narrow_terminal_keeps_rewards_and_errors():
    ring = [(str(i), str((i + 1) % 4)) for i in range(4)]
    read = voted(*ring, *ring, *((b, a) for a, b in ring), clusters=range(12))
    said = printed(read, 40)
    before, _, typed = said.partition("What to type next\n")
    assert max(map(len, before.splitlines())) <= 40
    assert typed == "  recurate predict --votes v.csv -K 4\n"  # to be copied as it is
    title = next(line for line in said.splitlines() if "reward" in line and "item" in line)
    assert title.split() == ["item", "reward", "standard", "error"]
    assert "share won" not in said
    wide = printed(read, 120)
    assert "naive" in wide
    assert "share won" in wide


def test_of_many_items_the_best_are_printed():
    size = MOST_ITEMS + 2
    ring = [(str(i), str((i + 1) % size)) for i in range(size)]
    said = printed(voted(*ring, *((b, a) for a, b in ring)), 120)
    assert "and 2 items below these; --out and --json have all" in said


def test_items_cannot_act_on_the_terminal():
    said = printed(voted(("\x1b[2J", "b"), ("b", "\x1b[2J")), 80)
    assert "\x1b" not in said
    assert "'\\x1b[2J'" in said


# The next step


@pytest.mark.parametrize("arguments", [(STAR,), CODED], ids=["star", "coded"])
def test_what_is_said_to_be_typed_next_runs(arguments, tmp_path):
    out = tmp_path / "my rewards.csv"
    said = recurate("votes", *arguments, "--out", out).stdout
    first, second, written, *_ = said.partition("What to type next\n")[2].splitlines()
    assert written == f"wrote {out}"
    typed = [line.strip().removeprefix("recurate ") for line in (first, second)]
    rest = ("--steps", "3", "--bands", "0", "--json")
    seen = []
    for line in typed:
        words = shlex.split(line.replace(" --bands 0 ", " "), comments=True)
        seen.append(json.loads(recurate(*words, *rest).stdout)["trajectory"])
    first, second = (
        dict(zip(t["group_names"], t["group_proportions"][3], strict=True)) for t in seen
    )
    assert first == pytest.approx(second, rel=1e-9)


def test_all_that_was_asked_is_typed_again(here):
    options = ["--where", "winner <> 'x y'", "--prior", "2", "--missing", "drop"]
    options += ["--item-column", "winner", "--item-column", "loser"]
    said = recurate("votes", "v.csv", *options).stdout
    assert """ --where "winner <> 'x y'" """ in said
    typed = shlex.split(said.splitlines()[-1])
    assert typed[:4] == ["recurate", "predict", "--votes", "v.csv"]
    assert typed[-2:] == ["-K", "4"]
    pairs = [sorted(zip(words[::2], words[1::2], strict=True)) for words in (typed[4:-2], options)]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("meant", ["$HOME", "`ls`", '"x"', "\\\\", "!1"])
def test_what_a_shell_reads_in_double_quotes_stands_in_single_ones(meant):
    text = f"winner <> '{meant}'"
    assert VoteOptions().as_typed(where=text) == ["--where", shlex.quote(text)]


EXPECTED = [
    ((STAR,), [0.2992, 0.0037, 0.0707, 0.4737, 0.1527]),
    (CODED, [0.1311, 0.5880, 0.0813, 0.0348, 0.1647]),
]


@pytest.mark.parametrize(("arguments", "expected"), EXPECTED, ids=["star", "coded"])
def test_votes_are_predicted_from(arguments, expected, tmp_path):
    assert shares("predict", "--votes", *arguments) == pytest.approx(expected, abs=5.1e-5)
    out = tmp_path / "rewards.csv"
    assert recurate("votes", *arguments, "--out", out).exit_code == 0
    found = shares("predict", out, "--group-column", "item")
    assert found == pytest.approx(expected, abs=5.1e-5)


def test_a_prediction_says_where_its_rewards_are_from():
    options = ("predict", "--votes", STAR, "--steps", "3", "--bands", "40")
    said = recurate(*options).stdout
    assert said.startswith("votes.jsonl: 5 rewards from 500 votes, by Bradley–Terry")
    assert "40 resamples of the votes" in " ".join(said.split())
    told = document(*options)
    assert told["parameters"]["votes"]["votes"] == 500
    assert told["uncertainty"]["resampled"] == "votes"
    assert told["uncertainty"]["failed"] == 0


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ("nan", "--scale must be a finite number; got nan"),
        (
            "1e308",
            "item 'a': rewards times --scale must be at most 1e308; got 5.75646 times 1e+308",
        ),
    ],
)
def test_a_scale_that_leaves_no_numbers_is_refused(tmp_path, scale, message):
    path = tmp_path / "v.csv"
    path.write_text("winner,loser,n\na,b,100000\nb,a,1\n")  # log(100000)/2 = 5.75646
    counts = ("--weight-column", "n")
    done = recurate("predict", "--votes", path, *counts, "--scale", scale)
    assert done.exit_code == 2
    assert message in done.stderr


@pytest.mark.parametrize("pairs", ["ab ba bc cb", "ab ab ab bc bc bc ac ac ca ba cb"])
def test_no_zero_has_a_sign(here, pairs):
    # The reward of b is 0 by symmetry, and so is the mean: also where all are multiplied by -1.
    Path("v.csv").write_text("winner,loser\n" + "\n".join(",".join(two) for two in pairs.split()))
    for arguments in (("votes", "v.csv"), ("predict", "--votes", "v.csv", "--scale", "-1")):
        for json_too in ((), ("--json",)):
            shown = recurate(*arguments, *json_too).stdout
            assert re.findall(r"(?<![\w.])0\.0+\b", shown)
            assert not re.findall(r"-0\.0+\b", shown)


def test_the_scale_multiplies_rewards_of_votes():
    told = document("predict", "--votes", STAR, "--scale", "0.5", "--bands", "20")
    plain = document("predict", "--votes", STAR, "--bands", "0")
    assert told["parameters"]["max_reward"] == pytest.approx(plain["parameters"]["max_reward"] / 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("fixed-point", "--lam", "1"),
        ("choose", "-K", "4", "--max-kl", "0.2", "--bands", "40"),
        ("simulate", "--generated", "200", "--steps", "2", "--replicates", "2"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_other_commands_take_votes(arguments):
    done = recurate(*arguments, "--votes", STAR)
    assert done.exit_code == 0, done.stderr
    assert "from 500 votes, by Bradley–Terry" in done.stdout
    assert "not to be trusted" not in done.stdout  # the items are no sample of more
    if arguments[0] != "simulate":
        assert "the items and their shares are given" in done.stdout
        name = {"fixed-point": "fixed_point", "choose": "uncertainty"}[arguments[0]]
        told = document(*arguments, "--votes", STAR)[name]
        assert told["trusted"] is told["effective_sample_size"] is None
    if arguments[0] == "choose":
        assert "of 40 resamples of the votes" in " ".join(done.stdout.split())


def test_votes_may_be_piped(here):
    said = recurate("votes", "-", input=SMALL).stdout
    assert said.startswith("standard input: 5 votes on 3 items")
    assert "--out rewards.csv writes a table that predict reads" in said
    done = recurate("predict", "--votes", "-", "--bands", "0", input=SMALL)
    assert done.stdout.startswith("standard input: 3 rewards from 5 votes")


def test_exactly_one_table_is_taken(here):
    for arguments in ((), ("v.csv", "--votes", "v.csv"), ("--example", "x", "--votes", "v.csv")):
        refused("predict", *arguments, message="needs exactly one of FILE, --example and --votes")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("--reward-column", "r"), ("--group-column", "g"), ("--trials", "9")),
        *(("--reward-is", "elo"), ("--rater-column", "x"), ("--lists", "raters")),
        *(("--sentinel", "0"), ("--follow", "y"), ("--prompt-weights", "equal")),
    ],
)
def test_what_is_about_rewards_is_refused_with_votes(here, option, value):
    refused(
        *("predict", "--votes", "v.csv", option, value),
        message=f"{option} is about a table of rewards, and --votes names one of votes",
    )


def test_what_is_about_votes_is_refused_without_them(here):
    Path("r.csv").write_text("reward\n1\n2\n")
    for name in OF_VOTES:
        option = f"--{name.replace('_', '-')}"
        refused("predict", "r.csv", option, "1", message=f"{option} is about votes: name their")
    refused("predict", "--votes", "v.csv", "--rows", "sampled", message="--rows sampled is about")


@pytest.mark.parametrize("command", ["predict", "fixed-point", "choose", "simulate", "votes"])
def test_options_of_votes_stand_in_a_panel(command):
    options = {p.name for p in COMMANDS[command].params if p.rich_help_panel == PANEL}
    own = {"prompt_column", "weight_column", "where", "missing"}
    rest = own if command == "votes" else {"votes"}
    assert options == OF_VOTES | rest
    done = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).invoke(app, [command, "--help"])
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for name in options:
        assert sum(line.startswith(f"│ --{name.replace('_', '-')} ") for line in lines) == 1


def test_help_tells_the_file_from_the_folder():
    done = CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).invoke(app, ["votes", "-h"])
    words = " ".join(re.sub("[│╭╮╰╯─]", " ", done.stdout).split())
    assert "(The --out of predict is a folder.)" in words
    assert "--out FILE Write item, reward and standard_error to this file" in words


# --out


def test_bands_of_the_table_say_that_they_resample_its_rows(here):
    recurate("votes", "v.csv", "--out", "r.csv")
    said = (
        "the rows were resampled, as if others might have been drawn, and column 'standard_error' "
        "has no part in that; for rewards from votes, recurate predict --votes resamples the votes"
    )
    for arguments in (
        ("predict", "--steps", "1", "--group-column", "item"),
        ("choose", "--max-kl", "0.1", "-K", "4"),
    ):
        shown = recurate(*arguments, "r.csv").stdout
        assert said in " ".join(shown.split())
        for others in (("r.csv", "--bands", "0"), ("--votes", "v.csv")):
            assert "rows were resampled" not in recurate(*arguments, *others).stdout
    followed = recurate("predict", "r.csv", "--follow", "standard_error", "--steps", "1").stdout
    assert "rows were resampled" not in followed


def test_the_table_has_every_digit_best_first(here):
    assert recurate("votes", STAR, "--out", "r.csv").stdout.endswith("wrote r.csv\n")
    rows = list(csv.DictReader(io.StringIO(Path("r.csv").read_text())))
    entries = document("votes", STAR)["items"]
    assert [list(row) for row in rows] == [["item", "reward", "standard_error"]] * 5
    for row, entry in zip(rows, entries, strict=True):
        assert row["item"] == entry["item"]
        for name in ("reward", "standard_error"):
            assert float(row[name]) == entry[name]
    done = recurate("predict", "r.csv", "--group-column", "item", "--bands", "0")
    assert (done.exit_code, done.stderr) == (0, "")  # no remark on the name `item`


def test_a_table_on_standard_output_stands_there_alone(here):
    done = recurate("votes", STAR, "--out", "-")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("item,reward,standard_error\nm4,0.71")
    assert done.stdout.count("\n") == 6
    for name in ("-", "/dev/stdout"):
        refused("votes", "v.csv", "--json", "--out", name, message="--json prints to standard out")
    assert len(document("votes", STAR, "--out", "r.csv")["items"]) == 5
    assert tree(here) == ["r.csv", "v.csv"]


def test_what_is_no_file_is_refused_before_the_work(here):
    (here / "folder").mkdir()
    said = "--out must be a file here; got the folder folder: say folder/rewards.csv"
    refused("votes", "none.csv", "--out", "folder", message=said)
    refused("votes", "none.csv", "--out", "", message="--out must be a name; got ''")
    refused("votes", "none.csv", "--out", "missing/r.csv", message="'missing/r.csv'")
    os.link("v.csv", "hard")
    for name in ("v.csv", "./v.csv", "hard"):
        refused("votes", "v.csv", "--out", name, message="FILE and --out must be two files")
    refused("predict", "--votes", "v.csv", "--out", "v.csv", message="--out must be a folder")
    (here / "trajectory.csv").write_text(SMALL)
    refused(
        *("predict", "--votes", "trajectory.csv", "--out", "."),
        message="--votes and --out's trajectory.csv must be two files",
    )
    assert (here / "v.csv").read_text() == SMALL
    refused("votes", "none.csv", "--out", "new.csv", message="No such file")
    assert tree(here) == ["folder", "hard", "trajectory.csv", "v.csv"]


def test_devices_and_pipes_are_written_through(here):
    device(here / "null", NULL)
    device(here / "full", FULL)
    assert recurate("votes", "v.csv", "--out", "null").exit_code == 0
    done = recurate("votes", "v.csv", "--out", "full")
    assert done.exit_code == 2
    assert "v.csv: 5 votes on 3 items" in done.stdout
    said = f"recurate: [Errno {errno.ENOSPC}] No space left on device: 'full'"
    assert done.stderr.splitlines()[-1] == said
    os.mkfifo("pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_text()), daemon=True)
    reader.start()
    assert recurate("votes", "v.csv", "--out", "pipe").exit_code == 0
    reader.join(10)
    assert got[0].startswith("item,reward,standard_error\n")
    assert tree(here) == ["full", "null", "pipe", "v.csv"]


# Counts


def test_counts_are_taken_by_all_commands(here):
    wins = {"a,b": 3, "b,a": 1, "b,c": 4, "c,b": 2, "a,c": 2, "c,a": 0}
    rows = [f"{pair},{count}" for pair, count in wins.items()]
    Path("c.csv").write_text("\n".join(["winner,loser,n", *rows]))
    rows = [pair for pair, count in wins.items() for _ in range(count)]
    Path("w.csv").write_text("\n".join(["winner,loser", *rows]))
    counts = ("c.csv", "--weight-column", "n")
    ours, theirs = document("votes", *counts), document("votes", "w.csv")
    assert ours["parameters"]["table"]["weight"] == "n"
    for name in ("items", "covariance", "test_of_fit", "cycles"):
        assert ours[name] == theirs[name]
    told = recurate("votes", *counts).stdout
    assert "c.csv: 12 votes on 3 items" in told
    assert "recurate predict --votes c.csv --weight-column n -K 4" in " ".join(told.split())
    for command in ("predict", "fixed-point"):
        loop = (command, "-K", "2", "--lam", "1", "--votes")
        assert document(*loop, *counts)["fixed_point"] == document(*loop, "w.csv")["fixed_point"]


def test_the_weight_column_of_rewards_stays_what_it_was(here):
    Path("r.csv").write_text("reward,n\n1,3\n2,1\n")
    told = document("predict", "r.csv", "--weight-column", "n", "--steps", "1", "--bands", "0")
    assert told["trajectory"]["expected_reward"][0] == pytest.approx(1.25)  # (3 * 1 + 2) / 4


def test_a_reward_of_zero_is_no_rounding_error(tmp_path):
    # b and a stand alike to c: its reward is 0, and would be written as some 1e-18.
    path = tmp_path / "v.csv"
    path.write_text("winner,loser\na,b\nb,a\nb,c\nc,a\n")
    assert [item["reward"] for item in document("votes", path)["items"]][1] == 0.0
    done = recurate("votes", path, "--out", "-")
    assert done.stdout.splitlines()[2].startswith("c,0.0,")


def test_too_few_prompts_are_refused_with_what_to_type(tmp_path):
    path = tmp_path / "v.csv"
    path.write_text("winner,loser,q\na,b,1\nb,a,1\nb,c,1\nc,b,2\n")
    refused("votes", path, "--prompt-column", "q", message="leave --prompt-column out if votes are")
    path.write_text("model_a,model_b,vote_1,vote_2\nx,y,x,y\ny,z,z,y\n")
    refused("votes", path, message="write a row for each vote if votes are independent")
    path.write_text("chosen_reward,rejected_reward,q\n1,2,a\n3,1,a\n")
    refused("calibrate", path, "--prompt-column", "q", message="leave --prompt-column out if pairs")


def test_a_long_name_is_cut_in_the_table_alone(tmp_path):
    path, name = tmp_path / "v.csv", "n" * 100
    path.write_text(f"winner,loser\n{name},b\nb,{name}\n")
    printed = recurate("votes", path).stdout
    assert name not in printed
    assert "nnn ... nnn" in printed
    assert document("votes", path)["items"][0]["item"] == name
