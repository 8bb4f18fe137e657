"""The rooms of the package and who may know whom (design: imports run one way)."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("theory", "numerics", "paper_checks", "figures")
MAY_IMPORT = {
    "theory": {"theory"},
    "numerics": {"numerics"},
    "paper_checks": {"paper_checks", "theory", "numerics"},
    "figures": {"figures", "theory", "numerics"},
}


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room):
    sources = sorted((ROOT / room).rglob("*.py"))
    assert sources
    for path in sources:
        for module in imported_modules(path):
            top, *rest = module.split(".")
            assert top not in ROOMS, f"{path}: {module} would be loaded twice"
            if top == "recurate":
                assert rest, f"{path}: imports the face"
                assert rest[0] in MAY_IMPORT[room], f"{path}: {room} must not know {module}"


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_are_the_package(room):
    link = ROOT / "src" / "recurate" / room
    assert link.is_symlink()
    assert link.readlink() == Path("..", "..", room)


def test_version_is_one():
    import recurate

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert recurate.__version__ == project["version"]
    assert f"version: {recurate.__version__}" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {recurate.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def loaded_after(code: str) -> set[str]:
    program = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_import_is_light():
    loaded = loaded_after("import recurate; recurate.RewardLaw")
    assert "numpy" in loaded
    assert not loaded & {"scipy", "torch", "matplotlib", "sympy", "pandas", "hypothesis"}


def test_command_line_is_light_until_a_command_runs():
    loaded = loaded_after("import recurate.cli")
    assert not loaded & {"numpy", "scipy", "torch", "matplotlib", "sympy", "hypothesis"}


def test_public_names():
    import recurate

    for name in recurate.__all__:
        assert getattr(recurate, name) is not None
    assert set(recurate.__all__) == set(dir(recurate))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = recurate.nothing
