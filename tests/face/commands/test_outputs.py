"""What commands write: opened before the work, nothing harmed, and the result printed anyway."""

import errno
import json
import os
import stat
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree

import pytest

from recurate.commands import check as check_module
from recurate.commands import predict as predict_module
from recurate.errors import InputError
from recurate.paper_checks import runner
from recurate.writing import require_different

from ...special_files import FULL, NULL, device, small_files, tree
from .in_process import recurate

TABLE = "reward,group\n0.0,plain\n1.0,liked\n0.5,plain\n"
QUICK = {
    "predict": ("--steps", "1", "--bands", "0"),
    "simulate": ("--steps", "1", "--generated", "300", "--replicates", "2"),
}
WRITES = {
    "predict": ["trajectory.csv", "trajectory.png"],
    "simulate": ["simulation.csv", "simulation.png"],
}


def refused(*arguments, message, **options):
    """Run a command that has to refuse before its work, in one line."""
    done = recurate(*arguments, **options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a table, in which commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text(TABLE)
    return tmp_path


@pytest.fixture(scope="module")
def results():
    return list(runner.run_checks(["ratio-bound"], level="quick", seed=0))


@pytest.fixture
def checked(results, monkeypatch):
    """`recurate check` with results that are there already; the number of its calls."""
    calls = []

    def run_checks(names, **options):
        calls.append(names)
        return results

    monkeypatch.setattr(runner, "run_checks", run_checks)
    return calls


# recurate check


@pytest.mark.parametrize("option", ["--json", "--junit"])
def test_a_report_on_standard_output_stands_there_alone(checked, option):
    done = recurate("check", "ratio-bound", option, "-")
    assert (done.exit_code, done.stderr) == (0, "")
    if option == "--json":
        assert json.loads(done.stdout)["results"][0]["id"] == "ratio-bound"
    else:
        assert ElementTree.fromstring(done.stdout)[0].get("name") == "ratio-bound"


def test_a_trial_on_standard_output_stands_there_alone():
    done = recurate("check", "ratio-bound", "--bound", "2*bound", "--json", "-")
    assert json.loads(done.stdout)["verdict"] == "holds"


def test_dev_stdout_is_standard_output(checked, capfd):
    done = recurate("check", "ratio-bound", "--json", "/dev/stdout")
    assert done.stdout == ""  # which is not the descriptor in this process
    assert json.loads(capfd.readouterr().out)["seed"] == 0


def test_a_user_without_a_home_is_served(here, checked, monkeypatch):
    """As one that the system does not know, in a container."""

    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    before = tree(here)
    assert recurate("check", "ratio-bound").exit_code == 0
    assert tree(here) == before


def test_a_device_survives(here, checked):
    device(here / "null", NULL)
    done = recurate("check", "ratio-bound", "--json", "null")
    assert done.exit_code == 0
    assert "1 holds" in done.stdout
    assert stat.S_ISCHR(os.stat("null").st_mode)
    assert tree(here) == ["null", "t.csv"]


def test_a_pipe_gets_the_report(here, checked):
    os.mkfifo("pipe")
    got = []

    def read():
        with open("pipe") as pipe:
            got.append(pipe.read())

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    assert recurate("check", "ratio-bound", "--json", "pipe").exit_code == 0
    reader.join(10)
    assert json.loads(got[0])["seed"] == 0


def test_a_full_disk_is_said_after_the_results_and_spares_the_other_file(here, checked):
    device(here / "full", FULL)
    done = recurate("check", "ratio-bound", "--json", "full", "--junit", "x.xml")
    assert done.exit_code == 2
    assert "1 holds" in done.stdout
    assert done.stderr == f"recurate: [Errno {errno.ENOSPC}] No space left on device: 'full'\n"
    assert ElementTree.parse("x.xml").getroot()[0].get("name") == "ratio-bound"
    with small_files(100):
        done = recurate("check", "ratio-bound", "--json", "a", "--junit", "b")
    assert done.exit_code == 2
    assert "1 holds" in done.stdout
    assert "large: 'a'; [Errno 27]" in done.stderr
    assert done.stderr.endswith(": 'b'\n")
    assert tree(here) == ["full", "t.csv", "x.xml"]


@pytest.mark.parametrize("option", ["--json", "--junit"])
@pytest.mark.parametrize("path", ["missing/x", "folder", "new/", "/dev/fd/987654"])
def test_an_unwritable_report_costs_nothing(here, checked, option, path):
    (here / "folder").mkdir()
    refused("check", "ratio-bound", option, path, message=path)
    assert not checked


def test_a_result_is_no_file(here, checked):
    refused(
        *("check", "--json", "lemma-2.2"),
        message="--json needs a file; got the result lemma-2.2: say "
        "`recurate check lemma-2.2 --json -` to print what was found for it, or "
        "--json ./lemma-2.2 for a file of that name",
    )
    refused(
        *("check", "theorem-2.3", "--junit", "lemma-2.2"),
        message="`recurate check theorem-2.3 lemma-2.2 --junit -`",
    )
    refused(
        *("check", "lemma-2.2", "--json", "lemma-2.2"),
        message="`recurate check lemma-2.2 --json -`",
    )
    refused("check", "--json", "--margins", message="--json needs a file, or - to print; got --mar")
    refused(
        *("check", "ratio-bound", "--bound", "2*bound", "--json", "lemma-2.2"),
        message="got the result lemma-2.2",
    )
    assert not checked
    assert recurate("check", "ratio-bound", "--json", "./lemma-2.2").exit_code == 0
    assert tree(here) == ["lemma-2.2", "t.csv"]


@pytest.mark.parametrize(
    "paths",
    [
        *(("x", "x"), ("x", "./x"), ("x", "folder/../x"), ("t.csv", "hard"), ("link", "new")),
        *(("way/x", "folder/x"), ("-", "-"), ("/dev/fd/1", "/dev/stdout"), ("link", "links")),
    ],
)
def test_two_reports_in_one_file_are_refused(here, checked, paths):
    (here / "folder").mkdir()
    (here / "way").symlink_to("folder")
    (here / "link").symlink_to("new")
    (here / "links").symlink_to("link")
    os.link("t.csv", "hard")
    before = tree(here)
    json_file, junit_file = paths
    refused(
        *("check", "ratio-bound", "--json", json_file, "--junit", junit_file),
        message=f"--json and --junit must be two files; got {json_file} and {junit_file}, which",
    )
    assert not checked
    assert tree(here) == before
    assert (here / "t.csv").read_text() == TABLE


def test_a_report_where_standard_output_goes_is_refused(here, monkeypatch):
    with open("out", "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        for name in ("out", "./out"):
            with pytest.raises(InputError, match=r"^standard output and --json must be two files"):
                require_different({"--json": name})
        for names in (["-"], ["/dev/null"], ["-", "/dev/null"], ["t.csv", "new"]):
            require_different(dict(zip("ab", names, strict=False)))
        with pytest.raises(InputError, match=r"^a and b must be two files"):
            require_different({"a": "-", "b": "out"})


# Commands with a folder


@pytest.mark.parametrize("command", WRITES)
def test_the_folder_is_opened_before_the_work(here, monkeypatch, command):
    (here / "out" / WRITES[command][1]).mkdir(parents=True)
    monkeypatch.setattr(
        predict_module.options.AskedTable, "read", lambda *_: pytest.fail("the work has begun")
    )
    refused(command, "t.csv", "--out", "out", message=f"Is a directory: 'out/{WRITES[command][1]}'")
    refused(command, "t.csv", "--out", "-", message="--out must be a folder; got -, which means")
    refused(command, "t.csv", "--out", "t.csv/deep", message="must be a folder; got the file t.csv")
    (here / "link").symlink_to("nowhere/deep")
    refused(command, "t.csv", "--out", "link", message="--out must be a folder; got the file link")
    assert tree(here) == ["link", "out", f"out/{WRITES[command][1]}", "t.csv"]


@pytest.mark.parametrize("command", WRITES)
def test_a_folder_that_was_made_for_nothing_is_removed(here, command):
    (here / "bad.csv").write_text("nothing\n1\n")
    refused(command, "bad.csv", "--out", "new/deep", message="must have a column 'reward'")
    assert tree(here) == ["bad.csv", "t.csv"]
    (here / "kept").mkdir()
    refused(command, "bad.csv", "--out", "kept", message="must have a column 'reward'")
    assert tree(here) == ["bad.csv", "kept", "t.csv"]


@pytest.mark.parametrize(("command", "json_too"), [("predict", False), ("simulate", True)])
def test_a_full_disk_loses_no_result(here, command, json_too):
    options = (*QUICK[command], "--out", "out", *["--json"] * json_too)
    with small_files(4096):
        done = recurate(command, "t.csv", *options)
    assert done.exit_code == 2
    if json_too:
        assert "parameters" in json.loads(done.stdout)
    else:
        assert "t.csv: 3 rewards" in done.stdout
    picture = f"out/{WRITES[command][1]}"
    assert done.stderr == f"recurate: [Errno {errno.EFBIG}] File too large: '{picture}'\n"
    assert tree(here) == ["t.csv"]  # neither file, although the other one had room


@pytest.mark.parametrize("command", WRITES)
def test_a_table_is_not_written_over(here, command):
    name = WRITES[command][0]
    (here / name).write_text(TABLE)
    refused(command, name, "--out", ".", message=f"FILE and --out's {name} must be two files")
    (here / "out").mkdir()
    (here / "out" / name).symlink_to("../t.csv")
    refused(command, "t.csv", "--out", "out", message=f"FILE and --out's {name} must be two files")
    (here / "out" / WRITES[command][1]).symlink_to(name)
    refused(command, "--example", "digits-class", "--out", "out", message="must be two files")
    assert [(here / one).read_text() for one in (name, "t.csv")] == [TABLE, TABLE]


def test_a_table_from_standard_input_is_not_written_over(here):
    before = os.dup(0)
    with open("t.csv") as table:
        os.dup2(table.fileno(), 0)
    try:
        with pytest.raises(InputError, match=r"^FILE and out must be two files; got - and t.csv"):
            require_different({"out": "t.csv"}, {"FILE": "-"})
        require_different({"out": "new"}, {"FILE": "-"})
    finally:
        os.dup2(before, 0)
        os.close(before)


def test_a_checkpoint_is_a_file_of_its_own(here):
    os.mkfifo("pipe")
    for place in ("-", "/dev/null", "/dev/stdout", "pipe", "."):
        refused(
            *("simulate", "t.csv", *QUICK["simulate"], "--checkpoint", place),
            message=f"checkpoint must be a file on a disk, or none yet; got {place}",
        )
    for name in ("t.csv", "./t.csv"):
        refused(
            *("simulate", "t.csv", "--checkpoint", name),
            message="FILE and --checkpoint must be two files",
        )
    refused(
        *("simulate", "t.csv", "--checkpoint", "out/simulation.csv", "--out", "out"),
        message="--checkpoint and --out's simulation.csv must be two files",
    )
    assert tree(here) == ["pipe", "t.csv"]


@pytest.mark.parametrize("name", ["index.html", "reward_bounds.json"])
def test_figures_need_files_of_their_own(here, name):
    (here / "out" / "smoke").mkdir(parents=True)
    place = here / "out" / "smoke" / name
    os.mkfifo(place)
    arguments = ("figures", "reward_bounds", "--scale", "smoke", "--out", "out")
    refused(*arguments, message=f"--out's {name} must be a file on a disk, or none yet")
    place.unlink()
    place.mkdir()
    refused(*arguments, message=f"--out's {name} must be a file on a disk, or none yet")
    place.rmdir()
    refused("figures", "nothing", "--out", "new/deep", message="NAME must be one of")
    assert tree(here) == ["out", "out/smoke", "t.csv"]


# Standard output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full, a disk without room")
def test_full_standard_output_is_one_message(here):
    line = [sys.executable, "-m", "recurate", "fixed-point", "t.csv", "--json"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        f"recurate: [Errno {errno.ENOSPC}] No space left on device: 'standard output'\n",
    )


def test_the_options_of_reports_are_read_as_they_are_typed():
    # A Path would forget that ./- is a file.
    annotations = check_module.check.__annotations__
    for option in ("json_file", "junit_file", "html_folder"):
        assert "str | None" in str(annotations[option])


@pytest.mark.parametrize(
    "arguments",
    [("predict", "t.csv", "--out"), ("simulate", "t.csv", "--checkpoint"), ("figures", "--out")],
    ids=" ".join,
)
def test_an_empty_name_is_not_this_folder(here, arguments):
    """As of a variable that has no value: `--out "$OUT"`."""
    done = recurate(*arguments, "")
    assert done.exit_code == 2
    assert "must be a name; got ''" in done.stderr
    assert tree(here) == ["t.csv"]
