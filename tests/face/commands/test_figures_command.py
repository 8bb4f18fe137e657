"""`recurate figures`, run as a user does."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

from recurate.cli import app
from recurate.figures import catalogue
from recurate.figures.images.cifar10_files import FILES
from recurate.figures.images.dataset import load
from recurate.figures.making import style
from recurate.figures.making.make import CHECKPOINTS, SHARED
from recurate.figures.making.recipe import Agreement
from recurate.numerics.locks import held


@pytest.fixture
def figures(monkeypatch, tmp_path):
    monkeypatch.setattr(style, "FORMATS", ("png",))

    def run(*arguments):
        return CliRunner().invoke(app, ["figures", "--out", str(tmp_path / "out"), *arguments])

    return run


def test_one_figure_is_made_and_then_kept(figures, tmp_path):
    done = figures("reward_bounds", "--scale", "smoke")
    assert done.exit_code == 0
    page = tmp_path / "out" / "smoke" / "index.html"
    assert f"wrote {page}" in done.stdout
    assert "reward_bounds: pure computed: nothing kept from before" in done.stdout
    text = page.read_text()
    assert 'src="reward_bounds.png"' in text
    assert "Not made in this folder: class_reward, confidence_reward" in text
    again = figures("reward_bounds", "--scale", "smoke")
    assert "reward_bounds: picture kept" in again.stdout
    assert "computed" not in again.stdout


def test_a_folder_in_use_is_refused(figures, tmp_path):
    folder = tmp_path / "out" / "smoke"
    folder.mkdir(parents=True)
    with ThreadPoolExecutor(1) as pool, held(folder):
        done = pool.submit(figures, "reward_bounds", "--scale", "smoke", "--force").result()
    assert done.exit_code == 2
    assert done.stderr.startswith(f"recurate: {folder} is in use by process {os.getpid()};")
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["reward_bond"],
            "NAME must be one of class_reward, confidence_reward, sample_quality, replicates",
        ),
        (["--device", "gpu"], "--device must be cpu, cuda, cuda:N or mps; got 'gpu'"),
        (["--data", "mnist"], "--data: source must be digits or cifar10:PATH; got 'mnist'"),
        (["--data", "cifar10:/nowhere"], "--data: /nowhere must be a folder with CIFAR-10's files"),
        (["--data", "cifar10:"], "--data: source must be digits or cifar10:PATH; got 'cifar10:'"),
    ],
)
def test_bad_input_is_named(figures, arguments, message):
    done = figures(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_missing_files_of_image_data_are_named_before_anything_is_made(figures, tmp_path):
    done = figures("--data", f"cifar10:{tmp_path}")
    assert done.exit_code == 2
    assert f"--data: {tmp_path} must have CIFAR-10's files in their Python format" in done.stderr
    assert not (tmp_path / "out").exists()


def test_broken_image_data_end_with_2_and_one_line(figures, monkeypatch, tmp_path):
    from dataclasses import replace

    def broken(run):
        load(run.data)

    for name in FILES:
        (tmp_path / name).write_bytes(b"")
    known = catalogue.FIGURES["reward_bounds"]
    wrong = replace(known, uses_images=True, tables={"pure": broken})
    monkeypatch.setitem(catalogue.FIGURES, "reward_bounds", wrong)
    done = figures("reward_bounds", "--scale", "smoke", "--data", f"cifar10:{tmp_path}")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert f"--data: {tmp_path}/batches.meta must be a whole pickle" in done.stderr


def test_a_file_for_a_folder_is_refused(figures, tmp_path):
    (tmp_path / "out").write_text("")
    done = figures()
    assert done.exit_code == 2
    assert f"--out must be a folder; got the file {tmp_path / 'out'}" in done.stderr


def test_a_missing_package_ends_with_1_and_other_figures_are_made(figures, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = figures("gaussian_mixture", "reward_bounds", "--scale", "smoke")
    assert done.exit_code == 1
    assert "gaussian_mixture: not made, since DiffusionModel needs PyTorch: pip" in done.stdout
    assert "reward_bounds: pure computed: nothing kept from before" in done.stdout
    assert "wrote" in done.stdout


def test_a_figure_is_made_after_those_that_it_needs(figures, monkeypatch):
    from dataclasses import replace

    known = catalogue.FIGURES
    needing = known["limit_density"]
    coarse = {"smoke": needing.parameters["smoke"] | {"side": 16}}
    needing = replace(needing, needs=(known["reward_bounds"],), parameters=coarse)
    monkeypatch.setitem(catalogue.FIGURES, "limit_density", needing)
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, **options: file.write(b""))
    done = figures("limit_density", "--scale", "smoke")
    assert done.exit_code == 0
    assert done.stdout.index("reward_bounds: picture") < done.stdout.index("limit_density: masses")
    forced = figures("limit_density", "--scale", "smoke", "--force")
    assert "reward_bounds: picture kept" in forced.stdout  # only what is named is forced
    assert "limit_density: masses computed: forced" in forced.stdout


def test_force_makes_what_figures_share_again(figures, tmp_path):
    shared = tmp_path / "out" / "smoke" / CHECKPOINTS / SHARED
    shared.mkdir(parents=True)
    (shared / "classifier-0.npz").write_bytes(b"old")
    figures("reward_bounds", "--scale", "smoke")
    assert shared.exists()
    figures("reward_bounds", "--scale", "smoke", "--force")
    assert not shared.exists()


def test_a_device_that_is_not_there_is_named(figures):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is one")
    done = figures("limit_density", "--device", "cuda")
    assert done.exit_code == 2
    assert "--device: device" in done.stderr
    assert "cuda" in done.stderr


def test_what_lacks_a_needed_figure_says_so(figures, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = figures("sample_quality", "--scale", "smoke")
    assert done.exit_code == 1
    assert "class_reward: not made, since Classifier needs PyTorch" in done.stdout
    assert "sample_quality: not made, since sample_quality must be made after class_reward" in (
        done.stdout
    )


def test_disagreement_ends_with_1(figures, monkeypatch):
    from dataclasses import replace

    known = catalogue.FIGURES["reward_bounds"]
    wrong = replace(known, agreement=lambda *_: Agreement("Distance", 2.0, 1.0, "so"))
    monkeypatch.setitem(catalogue.FIGURES, "reward_bounds", wrong)
    done = figures("reward_bounds", "--scale", "smoke")
    assert done.exit_code == 1
    assert "reward_bounds: Distance: 2, allowed 1 (so)" in done.stdout
