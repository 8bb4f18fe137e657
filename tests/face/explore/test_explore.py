"""The page says what `recurate predict` prints, and refuses what that refuses."""

import csv
import io
import socket
import sys

import pytest

from recurate.exploring import explorer as module
from recurate.numerics.inference import resampled_tables

from ..commands.in_process import document, recurate, refused
from ..pages.inspected import HOSTILE, parsed, require_sound
from .conftest import command_of, table_of

STATES = [
    {},
    {"K": "2", "real-fraction": "0.25"},
    {"K": "∞", "lam": "1", "steps": "4"},
    {"lam": "0"},
    {"scale": "-0.5", "lam": "1", "steps": "0"},
    {"choice": "best", "keep": "2", "K": "5", "lam": "2"},
    {"choice": "top", "share": "0.3", "lam": "1", "K": "9"},
    {"random-clicks": "0.1", "retain": "0.2", "real-fraction": ".5"},
    {"example": "digits-class", "lam": "1"},
]


@pytest.fixture(autouse=True)
def few_nodes(monkeypatch):
    """Tables of few bins: here it only matters that bands are those of the command."""
    monkeypatch.setattr(resampled_tables, "_LARGEST_SHARE", 1 / 32)


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """A table that is compressed."""
    import numpy as np

    path = tmp_path_factory.mktemp("big") / "big.npy"
    np.save(path, np.random.default_rng(0).normal(size=20_000))
    return path


def written(command, folder, name):
    assert recurate(*command, "--out", folder).exit_code == 0
    return (folder / name).read_bytes()


@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_page_has_the_numbers_of_its_command(explored, state):
    answer = explored("--bands", "4").answer(**state)
    run = document(*command_of(answer))
    limit, run = run["fixed_point"], run["trajectory"]
    table = table_of(answer["answer"])
    shown = {"E[r]": "expected_reward", "KL": "kl_to_reference", "at max": "mass_at_max"}
    for title, name in shown.items():
        *cells, last = map(float, table[title])
        assert cells == pytest.approx(run[name], abs=5.1e-5)  # four places
        assert last == pytest.approx(limit[name], abs=5.1e-5)
    (title, cells), *_ = (item for item in table.items() if item[0].startswith("group "))
    group = run["group_names"].index(title.removeprefix("group "))
    shares = [row[group] for row in run["group_proportions"]]
    assert list(map(float, cells[:-1])) == pytest.approx(shares, abs=5.1e-5)


def test_files_are_those_that_the_command_writes(explored, tmp_path):
    state = {"K": "3", "real-fraction": "0.3", "steps": "5"}
    page = explored("--bands", "5", "--seed", "7")
    command = command_of(page.answer(**state))
    assert command[-4:] == ["--bands", "5", "--seed", "7"]
    for name in ("trajectory.csv", "bands.csv"):
        found = page.get(name, **state)
        assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert found.content == written(command, tmp_path, name)
    picture = page.get("trajectory.svg", **state)
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")
    require_sound(page.get("prediction.html", **state).text)


def test_large_laws_have_the_digits_of_a_process_of_its_own(explored, big, tmp_path):
    page = explored(big, "--bands", "0")
    for lam in ("3", "1", "inf"):  # longer runs would leave finer cells for shorter ones
        for steps in ("40", "6"):
            state = {"lam": lam, "steps": steps}
            command = command_of(page.answer(**state))
            expected = written(command, tmp_path / lam / steps, "trajectory.csv")
            assert page.get("trajectory.csv", **state).content == expected


@pytest.mark.parametrize(
    ("state", "typed"),
    [
        ({"K": "0"}, ["-K", "0"]),
        ({"K": "2.5"}, ["-K", "2.5"]),
        ({"K": "<b>"}, ["-K", "<b>"]),
        ({"lam": "-1"}, ["--lam", "-1"]),
        ({"real-fraction": "1.5"}, ["--real-fraction", "1.5"]),
        ({"lam": "1", "real-fraction": "0.5"}, ["--lam", "1", "--real-fraction", "0.5"]),
        ({"scale": "inf"}, ["--scale", "inf"]),
        ({"choice": "top"}, ["--choice", "top"]),
        ({"choice": "top", "share": "30"}, ["--choice", "top:30"]),
        ({"choice": "best", "keep": "9"}, ["--choice", "best:9", "-K", "4"]),
        ({"choice": "best", "K": "inf"}, ["--choice", "best", "-K", "inf"]),
        ({"choice": "accept"}, ["--choice", "accept"]),
        ({"choice": "worst"}, ["--choice", "worst"]),
        ({"steps": "1000000000"}, ["--steps", "1000000000"]),
        ({"random-clicks": "2"}, ["--random-clicks", "2"]),
        ({"example": "digits"}, ["--example", "digits"]),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_as_the_command_says_it(explored, state, typed):
    page = explored("--bands", "0", "--steps", "2")
    if "--example" not in typed:
        typed = ["--example", "digits-confidence", *typed]
    done = recurate("predict", *typed)
    assert done.exit_code == 2
    answer = page.answer(**state)
    assert f"recurate: {answer['error']}\n" == done.stderr
    for name, text in state.items():
        assert answer["fields"][name] == text
    whole = page.get(**state)
    require_sound(whole.text)
    shown = next(p for p in parsed(whole.text).iter("p") if p.get("id") == "error")
    assert shown.text == answer["error"]
    assert "error" not in page.answer(K="3")  # and nothing is broken
    assert page.get("trajectory.csv", **state).status_code == 422


def test_steps_that_are_no_number_are_refused(explored):
    page = explored("--bands", "0", "--steps", "2")
    assert page.answer(steps="ten")["error"] == "steps must be a number; got 'ten'"
    assert "steps must be an integer" in page.answer(steps="2.5")["error"]


def test_the_share_of_real_data_and_lam_follow_from_each_other(explored):
    page = explored("--bands", "0", "--steps", "1")
    for typed, follows in (
        ({"lam": "3"}, ("real-fraction", "0.25")),
        ({"lam": "inf"}, ("real-fraction", "0")),
        ({"real-fraction": "0"}, ("lam", "inf")),
        ({"real-fraction": "1"}, ("lam", "0")),
        ({"real-fraction": "0.1"}, ("lam", "9")),
    ):
        fields = page.answer(**typed)["fields"]
        assert fields[follows[0]] == follows[1]
    both = {"lam": "3", "real-fraction": "0.5"}  # from a form without a script
    assert page.answer(by="lam", **both)["fields"]["real-fraction"] == "0.25"
    assert page.answer(by="real-fraction", **both)["fields"]["lam"] == "1"


def test_an_address_leads_to_its_state_again(explored):
    page = explored("--bands", "0", "--steps", "2", "--retain", "0.5", "--lam", "2")
    for state in (
        {},
        {"retain": "", "K": "7"},
        {"real-fraction": "0.2"},
        {"choice": "top", "share": "0.1"},
    ):
        answer = page.answer(**state)
        again = page.request("GET", f"{page.path}/answer?{answer['query']}").json()
        assert again == answer
        fields = page.request("GET", f"{page.path}/?{answer['query']}").text
        inputs = {e.get("name"): e.get("value") for e in parsed(fields).iter("input")}
        for name, text in answer["fields"].items():
            assert inputs.get(name, text) == text
    assert "--retain" not in command_of(page.answer(retain=""))


def test_the_page_holds_the_answer_without_a_script(explored):
    page = explored("--bands", "4", "--steps", "3").get(K="6", lam="1").text
    require_sound(page)
    whole = parsed(page)
    form = next(whole.iter("form"))
    assert (form.get("method"), form.get("action")) == ("get", "./")
    fields = {e.get("name"): e.get("value") for e in form.iter("input") if e.get("name")}
    assert (fields["K"], fields["real-fraction"], fields["steps"]) == ("6", "0.5", "3")
    assert all(e.get("hidden") for e in form.iter("input") if e.get("type") == "range")
    assert len([e for e in whole.iter("svg") if "chart" in e.get("class", "")]) >= 5
    text = "".join(whole.itertext())
    assert "Guaranteed whatever people choose" in text
    assert "so no 95% bands" in text  # of four tables


def test_names_of_a_table_stay_text(explored, tmp_path):
    table = tmp_path / "<img src=x onerror=alert(1)>\"'&amp;{{ 7*7 }}.csv"
    rows = io.StringIO()
    csv.writer(rows).writerows(
        [["reward", "group"], *([i / 9, f"{HOSTILE[:60]}{i % 2}"] for i in range(9))]
    )
    table.write_text(rows.getvalue())
    page = explored(table, "--bands", "3", "--lam", "1")
    whole = page.get()
    require_sound(whole.text)
    answer = page.answer(K="3")
    for text in (whole.text, answer["answer"], answer["use"]):
        assert "<img" not in text
        assert "<script>alert" not in text
    assert document(*command_of(answer))["parameters"]["candidates"] == 3
    assert "\x1b" not in whole.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8000"}, 200),
        ({"host": "localhost:1"}, 200),
        ({"host": "evil.example"}, 400),
        ({"host": "127.0.0.1.evil.example:8000"}, 400),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, 200),  # a link
        ({"origin": "http://evil.example", "sec-fetch-site": "same-site"}, 403),
    ],
    ids=str,
)
def test_other_sites_get_nothing(explored, headers, status):
    page = explored("--bands", "0", "--steps", "1")
    for place in ("", "answer", "trajectory.csv", "explore.js"):
        found = page.get(place, headers=headers)
        assert found.status_code == status
        assert ("E[r]" in found.text) == (status == 200 and place in ("", "answer"))
        assert "access-control-allow-origin" not in found.headers
        assert found.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert found.headers["cross-origin-resource-policy"] == "same-origin"


def test_who_does_not_know_the_address_gets_nothing(explored):
    page = explored("--bands", "0", "--steps", "1")
    assert len(page.path) > 16
    for path in (
        "/",
        "/answer",
        "/trajectory.csv",
        f"{page.path}x/answer",
        f"{page.path}/etc/passwd",
    ):
        assert page.request("GET", path).status_code == 404
    for method in ("post", "put", "delete", "options"):
        assert page.request(method.upper(), f"{page.path}/answer").status_code == 405
    assert explored("--bands", "0", "--steps", "1").path != page.path


def test_the_policy_allows_the_script_of_the_server_and_asks_no_other(explored):
    page = explored("--bands", "0", "--steps", "1").get().text
    metas = parsed(page).iter("meta")
    policy = next(m for m in metas if m.get("http-equiv")).get("content").split("; ")
    assert "connect-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    (scripts,) = (part for part in policy if part.startswith("script-src"))
    assert "unsafe" not in scripts


def test_controls_are_those_that_the_command_leaves_open(explored, tmp_path):
    loop = tmp_path / "loop.toml"
    loop.write_text("K = 3\nlam = 1.0\n")
    table = tmp_path / "t.csv"
    table.write_text("reward,group\n1,a\n2,b\n3,a\n")
    few = ("--bands", "0", "--steps", "2")
    for arguments, options, missing in (
        ((table,), {}, {"example"}),
        ((table, "--accumulate"), {}, {"example", "lam", "real-fraction", "retain"}),
        (("-",), {"input": table.read_text()}, {"example", "scale"}),
    ):
        page = explored(*arguments, *few, **options)
        fields = set(page.answer()["fields"])
        assert fields == set(explored(*few).answer()["fields"]) - missing
        assert page.answer(choice="best")["fields"]["choice"] == "best"
    page = explored("--loop", loop, *few)
    answer = page.answer(scale="2", K="9")  # which the file says
    assert set(answer["fields"]) == {"example", "scale", "steps"}
    assert document(*command_of(answer))["parameters"]["candidates"] == 3
    assert "K = 3" in answer["answer"]


def test_options_say_where_the_controls_stand(explored):
    page = explored(
        *("--example", "digits-class", "-K", "5", "--real-fraction", "0.2", "--scale", "2"),
        *("--choice", "best:2", "--steps", "3", "--random-clicks", "0.1", "--bands", "0"),
    )
    fields = page.answer()["fields"]
    assert {name: fields[name] for name in ("example", "K", "real-fraction", "scale")} == {
        "example": "digits-class",
        "K": "5",
        "real-fraction": "0.2",
        "scale": "2",
    }
    assert (fields["choice"], fields["keep"], fields["steps"]) == ("best", "2", "3")
    assert fields["random-clicks"] == "0.1"


def test_remarks_on_a_table_are_on_the_page(explored, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("win_rate\n" + "\n".join(f"{30 + i * i % 41}%" for i in range(20)))
    answer = explored(table, "--reward-column", "win_rate", "--bands", "0").answer()
    assert "--reward-is percent takes their logit" in answer["answer"]


def test_bands_are_added_to_what_was_found(explored, monkeypatch):
    runs = []
    own = module.predict_loop
    monkeypatch.setattr(module, "predict_loop", lambda *a, **k: runs.append(1) or own(*a, **k))
    page = explored("--bands", "8", "--steps", "2", "--lam", "1")
    assert len(runs) == 1
    monkeypatch.setattr(module, "SOON", -1.0)
    early = page.answer(K="3", soon="")
    whole = page.answer(K="3")
    assert (early["is_whole"], whole["is_whole"]) == (False, True)
    assert ("8 resampled" in early["answer"], "8 resampled" in whole["answer"]) == (False, True)
    assert page.answer(K="3", soon="") == whole
    assert len(runs) == 2


def test_files_that_change_are_read_again(explored, tmp_path):
    table, loop = tmp_path / "t.csv", tmp_path / "loop.toml"
    loop.write_text("K = 3\nlam = 1.0\n")
    table.write_text("reward\n1\n2\n3\n")
    page = explored(table, "--loop", loop, "--bands", "0", "--steps", "1")

    def shown(**state):
        answer = page.answer(**state)
        return answer["error"] if "error" in answer else table_of(answer["answer"])["E[r]"][0]

    assert (shown(), shown(scale="2")) == ("2.0000", "4.0000")
    table.write_text("reward\n1\n2\n3\n6\n")
    assert (shown(scale="2"), shown()) == ("6.0000", "3.0000")
    before = page.answer()["answer"]
    loop.write_text("K = 33\nlam = 1.0\n")
    assert page.answer()["answer"] != before
    table.unlink()
    assert "No such file" in shown()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-K", "0"], "K must be an integer of at least 1 or infinity; got 0"),
        (["nowhere.csv"], "No such file or directory: 'nowhere.csv'"),
        (["t.csv", "--example", "digits-class"], "explore needs exactly one of FILE, --example"),
        (["--bands", "1"], "--bands must be 0 or at least 2; got 1"),
    ],
    ids=str,
)
def test_what_cannot_be_used_is_said_before_a_page_is_served(arguments, message):
    refused("explore", "--no-browser", *arguments, message=message)


def test_a_taken_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused("explore", "--port", str(port), message=f"--port {port} is taken: name another")


def test_without_the_extra_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "recurate.exploring.serving", raising=False)
    refused("explore", message="pip install 'recurate[explore]'")
