"""`--html FILE` of predict, fixed-point, choose and simulate: a page to send."""

import json
import re
import shlex
import subprocess
import sys
from html import unescape

import pytest

from recurate.numerics import loop as loop_module

from ..pages.inspected import parsed, require_sound
from .in_process import recurate, refused

TABLE = """reward,group,length
0.0,plain,10
1.0,liked,20
0.5,plain,30
2.0,liked,40
"""
COMMANDS = {
    "predict": ("predict", "t.csv", "-K", "3", "--lam", "0.5", "--steps", "4", "--bands", "4"),
    "fixed-point": ("fixed-point", "t.csv", "--real-fraction", "0.25", "--follow", "length"),
    "choose": ("choose", "t.csv", "-K", "2", "--max-kl", "0.05", "--bands", "3", "--seed", "5"),
    "choose K": ("choose", "t.csv", "--lam", "1", "--group", "liked", "--max-share", "0.7"),
    "worst case": (
        *("choose", "t.csv", "-K", "4", "--group", "liked", "--max-share", "0.8"),
        *("--worst-case", "--steps", "5"),
    ),
    "simulate": ("simulate", "t.csv", "--lam", "1", "--steps", "2", "--generated", "40"),
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(TABLE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def shown(page):
    """Return what a page says, in a line: formulas' markup left out, and pictures."""
    bare = re.sub(r"(?s)<(script|style|svg)\b.*?</\1>", "", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def command_of(page):
    (code,) = [part for part in parsed(page).iter("code") if part.text.startswith("recurate ")]
    return shlex.split(code.text)[1:]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_writes_its_page_and_prints_as_before(here, name):
    command = COMMANDS[name]
    alone = recurate(*command).stdout
    done = recurate(*command, "--html", "page.html")
    assert done.exit_code == 0
    assert done.stdout == alone + "wrote page.html\n"
    page = (here / "page.html").read_text()
    require_sound(page)
    assert str(here) not in page
    assert shown(page).count("t.csv") >= 2
    # Each number that is printed is on the page.
    said = shown(page)
    numbers = set(re.findall(r"(?<![\w.])-?\d+\.\d{4}(?!\d)", alone))
    assert numbers or name == "choose K"
    assert {number for number in numbers if number not in said} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_command_on_a_page_makes_the_same_page_again(here, name):
    recurate(*COMMANDS[name], "--json", "--html", "one.html")
    page = (here / "one.html").read_text()
    again = command_of(page)
    assert not {"--html", "--json"} & set(again)
    assert recurate(*again, "--html", here / "two.html").exit_code == 0
    assert (here / "two.html").read_text() == page


@pytest.mark.parametrize("name", COMMANDS)
def test_json_stands_alone_beside_a_page(here, name):
    alone = recurate(*COMMANDS[name], "--json").stdout
    assert recurate(*COMMANDS[name], "--json", "--html", "p.html").stdout == alone
    document = json.loads(alone)
    # Parameters are those of JSON, but for what is not said.
    pairs = [part.text for part in parsed((here / "p.html").read_text()).iter("dt")]
    said = {key for key, value in document["parameters"].items() if value not in (None, [])}
    assert said == {pair.partition(".")[0] for pair in pairs if pair} & said


@pytest.mark.parametrize("name", ["predict", "simulate"])
def test_a_page_goes_with_other_files(here, name):
    done = recurate(*COMMANDS[name], "--out", "d", "--html", "d/page.html")
    assert [line for line in done.stdout.splitlines() if line.startswith("wrote ")][-1] == (
        "wrote d/page.html"
    )
    files = {"predict": "trajectory.csv", "simulate": "simulation.csv"}
    assert {f"d/{files[name]}", "d/page.html"} <= set(tree(here))
    assert "--out" not in command_of((here / "d" / "page.html").read_text())


def no_work(*_, **__):
    raise AssertionError("the work began")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_cannot_be_written_is_refused_before_the_work(here, monkeypatch, name):
    (here / "theirs.html").write_text("<h1>theirs</h1>")
    (here / "folder").mkdir()
    before = tree(here)
    monkeypatch.setattr(loop_module.CurationLoop, "__init__", no_work)
    for path, message in (
        ("theirs.html", "--html would overwrite theirs.html, which is no page of recurate's"),
        ("folder", "--html's folder must be a file on a disk, or none yet; got folder"),
        ("-", "--html's - must be a file on a disk, or none yet; got -"),
        ("--bands", "--html needs a file; got '--bands'"),
        ("t.csv", "FILE and --html must be two files; got t.csv and t.csv"),
        ("no/folder/page.html", "no/folder/page.html"),
    ):
        refused(*COMMANDS[name], "--html", path, message=message)
    assert tree(here) == before
    assert (here / "theirs.html").read_text() == "<h1>theirs</h1>"


def test_a_page_is_no_other_output(here):
    command = COMMANDS["predict"]
    message = "--html and --out's trajectory.csv must be two files"
    refused(*command, "--out", "d", "--html", "d/trajectory.csv", message=message)
    message = "--checkpoint and --html must be two files"
    run = COMMANDS["simulate"]
    refused(*run, "--checkpoint", "c", "--html", "c", message=message)


def test_a_page_of_ours_is_written_again_and_a_failure_leaves_it(here):
    recurate(*COMMANDS["predict"], "--html", "p.html")
    first = (here / "p.html").read_text()
    assert recurate(*COMMANDS["fixed-point"], "--html", "p.html").exit_code == 0
    second = (here / "p.html").read_text()
    assert first != second
    (here / "t.csv").write_text("reward\nnan\n")
    assert recurate(*COMMANDS["predict"], "--html", "p.html").exit_code == 2
    assert (here / "p.html").read_text() == second
    assert tree(here) == ["p.html", "t.csv"]


def test_remarks_on_the_table_are_on_the_page(here):
    (here / "p.csv").write_text("reward\n" + "0.25\n0.5\n0.75\n" * 20)
    done = recurate("predict", "p.csv", "--bands", "0", "--html", "p.html")
    (remark,) = done.stderr.splitlines()
    text = remark.removeprefix("recurate: ")
    assert "if they are probabilities" in text
    assert text in shown((here / "p.html").read_text())
    recurate(*COMMANDS["predict"], "--html", "q.html")  # on which there is no remark
    assert "Remarks on the table" not in (here / "q.html").read_text()


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eexe.txt",
    "a\x01b\x1b[2J",
    "&amp;",
    "{{ 7*7 }}",
    "[red]x[/red]",
    "$(touch x) `touch x` ; \\ ' \"",
]


@pytest.mark.parametrize("command", ["predict", "fixed-point", "choose", "simulate"])
def test_hostile_names_are_text(here, command):
    source, column = '"><svg onload=x>&.csv', '<b onmouseover="x">\'&'
    cells = [name.replace('"', '""') for name in HOSTILE]
    rows = [f'{i % 3},"{name}","q {name}",{i}' for i, name in enumerate(cells * 2)]
    header = column.replace('"', '""')
    (here / source).write_text("\n".join([f'reward,kind,ask,"{header}"', *rows]))
    options = {
        "predict": ("--follow", column, "--bands", "3", "--steps", "2"),
        "fixed-point": ("--follow", column, "--lam", "1"),
        "choose": ("--group", HOSTILE[0], "--min-share", "0.1", "-K", "2", "--bands", "0"),
        "simulate": ("--generated", "20", "--replicates", "2", "--steps", "1", "--lam", "1"),
    }[command]
    names = ("--group-column", "kind", "--prompt-column", "ask")
    done = recurate(command, source, *names, *options, "--html", "page.html")
    assert done.exit_code == 0, done.stderr
    page = (here / "page.html").read_text()
    require_sound(page)
    tree = parsed(page)
    tags = {part.tag.rpartition("}")[2] for part in tree.iter()}
    assert not tags & {"img", "b"}
    assert len(list(tree.iter("script"))) == 2
    assert not {"\u202e", "\x01", "\x1b"} & set(page)
    said = shown(page)
    assert source in said
    assert HOSTILE[0] in said
    if command in ("predict", "fixed-point"):  # which list all groups
        assert column in said
        assert all(name in said for name in HOSTILE if name.isprintable())
    assert command_of(page)[:2] == [command, source]


def test_a_file_called_as_an_option_is_typed_after_two_dashes(here):
    (here / "-t.csv").write_text(TABLE)
    recurate("fixed-point", "--lam", "1", "--html", "p.html", "--", "-t.csv")
    again = command_of((here / "p.html").read_text())
    assert again == ["fixed-point", "--lam", "1", "--", "-t.csv"]
    assert recurate(*again).exit_code == 0


def test_templates_are_loaded_for_a_page_only():
    code = (
        "import sys\nfrom recurate.cli import app\n"
        "app(sys.argv[1:], standalone_mode=False)\n"
        "print('jinja2' in sys.modules)"
    )
    run = [sys.executable, "-c", code, *COMMANDS["predict"]]
    for more, loaded in ((), "False"), (("--html", "p.html"), "True"):
        done = subprocess.run([*run, *more], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines()[-1] == loaded
