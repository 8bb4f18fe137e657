"""The rooms of the package, who may know whom, and how large folders and modules may grow."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from recurate.theory.catalogue import CHAPTERS

ROOT = Path(__file__).parent.parent
ROOMS = ("theory", "numerics", "paper_checks", "figures")
MAY_IMPORT = {
    "theory": {"theory"},
    "numerics": {"numerics"},
    "paper_checks": {"paper_checks", "theory", "numerics"},
    "figures": {"figures", "theory", "numerics"},
}
# The floors of each room from the ground up, one a line: folders, and modules that lie beside them.
# A part may import what is on floors below its own; two parts of one floor do not know each other.
FLOORS = {
    "numerics": (
        "text",
        "files pieces read_only validation",
        "locks own_files processes",
        "log_sums",
        "curation",
        "laws",
        "rules",
        "sampling",
        "step",
        "schedules",
        "compression",
        "trajectory",
        "prompts",
        "on_torch",
        "fixed_points",
        "loop",
        "inference network neural parametric simulation votes",
        "agreement",
    ),
    "theory": (
        "envelopes source",
        "language",
        "proving",
        "plain_text",
        "typed",
        "statement",
        "closed_forms hypotheses legend textbook",
        *CHAPTERS,
        "catalogue",
    ),
    "paper_checks": (
        "runs",
        "evidence",
        *CHAPTERS,
        "catalogue",
        "replay runner",
        "hunt",
        "trials",
    ),
    "figures": (
        "images",
        "making",
        "shared",
        "for_commands of_the_paper of_the_theory",
        "catalogue",
    ),
    "face": (
        "errors own_runs rules stopping strategies",
        "any_choice cluster finite_sets guarantees reading testing voters_figures writing",
        "local_cluster",
        "workers",
        "chosen settlement",
        "frontier prediction sweeping worst_case",
        "printing",
        "pages",
        "exploring",
        "commands",
        "cli",
        "__main__",
    ),
}
# `RewardLaw.from_density` makes the law of a density, which is itself a law of rewards.
ALLOWED_LINK = ("recurate.numerics.laws.reward_law", "recurate.numerics.laws.density_law")
MOST_MODULES = 24
MOST_LINES = 400
LARGEST_MEDIAN = 200


def imported(tree: ast.AST, is_for_types: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Yield what a module imports, in functions too: name, line, and whether for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno, is_for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno, is_for_types
        elif not isinstance(node, ast.expr):  # in which there is no statement
            is_guard = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
            yield from imported(node, is_for_types or is_guard)


@cache
def imports_of(path: Path) -> list[tuple[str, int, bool]]:
    return list(imported(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def modules() -> dict[str, Path]:
    """Return the files of the package's modules, by the modules' names."""
    found = {}
    for folder, name in [(Path("src", "recurate"), "recurate")] + [
        (Path(room), f"recurate.{room}") for room in ROOMS
    ]:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            found[".".join([name, *parts]).removesuffix(".__init__")] = path
    return found


@cache
def links() -> dict[str, dict[str, int]]:
    """Return the modules that each module of the package imports, with the line where it does."""
    found: dict[str, dict[str, int]] = {}
    for name, path in modules().items():
        found[name] = {}
        for target, line, is_for_types in imports_of(path):
            if is_for_types:
                continue
            home = target if target in modules() else target.rpartition(".")[0]
            if home in modules() and home != name:
                found[name].setdefault(home, line)
    return found


def place_of(module: str) -> tuple[str, str]:
    """Return the room of a module and its part of the room, "" for the room's own ``__init__``."""
    _, *rest = module.split(".")
    room, *parts = rest if rest and rest[0] in ROOMS else ["face", *rest]
    return room, parts[0] if parts else ""


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room):
    sources = sorted((ROOT / room).rglob("*.py"))
    assert sources
    for path in sources:
        for module, *_ in imports_of(path):
            top, *rest = module.split(".")
            assert top not in ROOMS, f"{path}: {module} would be loaded twice"
            if top == "recurate":
                assert rest, f"{path}: imports the face"
                assert rest[0] in MAY_IMPORT[room], f"{path}: {room} must not know {module}"


@pytest.mark.parametrize("room", FLOORS)
def test_floors_are_imported_from_above_only(room):
    floor_of = {part: n for n, parts in enumerate(FLOORS[room]) for part in parts.split()}
    parts = {part for where, part in map(place_of, modules()) if where == room}
    assert parts - {""} == set(floor_of), f"{room} has other parts than its floors name"
    wrong = []
    for module, others in links().items():
        for other, line in others.items():
            (here, part), (there, below) = place_of(module), place_of(other)
            is_inside = here == there == room and part != below and part and below
            if is_inside and floor_of[part] <= floor_of[below]:
                wrong.append(f"{module}, line {line}: {part} must not know {other}")
    assert not wrong, "\n".join(wrong)


def test_there_is_no_import_cycle():
    graph = {name: set(others) for name, others in links().items()}
    law, other = ALLOWED_LINK
    graph[law].remove(other)
    cycles = []
    while cycle := _first_cycle(graph):
        steps = list(pairwise(cycle))
        cycles.append("; ".join(f"{a}, line {links()[a][b]}, imports {b}" for a, b in steps))
        graph[steps[0][0]].remove(steps[0][1])
    assert not cycles, "\n".join(cycles)


def _first_cycle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules of which each imports the next one, the last being the first; or none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1][::-1]
    return []


def test_few_modules_lie_flat_in_a_folder():
    folders = [path.parent for path in modules().values() if path.name != "__init__.py"]
    crowded = {str(one): n for one in folders if (n := folders.count(one)) > MOST_MODULES}
    assert not crowded


def test_modules_are_short():
    lines = {
        name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in modules().items()
    }
    assert not {name: n for name, n in lines.items() if n > MOST_LINES}
    assert median(lines.values()) < LARGEST_MEDIAN


def test_all_is_written_by_the_one_writer():
    # What writes to a path: the writer's own callers give it bytes, text, or a buffer in memory.
    around = re.compile(
        r"\.write_(?:text|bytes)\(|\.touch\(|\bos\.(?:open|replace|rename)\(|mkstemp|NamedTemporary|"
        r"\bopen\([^()]*[\"'][rb+]*[wax][rwxbat+]*[\"']|\.(?:tofile|to_parquet|savetxt)\("
    )
    found = set()
    for folder in (*ROOMS, "src/recurate", "proofs", "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for line in path.read_text(encoding="utf-8").splitlines():
                if around.search(line):
                    found.add((path.relative_to(ROOT).as_posix(), line.strip()))
    assert {name for name, _ in found} - {"numerics/files.py"} == {
        "benchmarks/compression.py",  # in a temporary folder of its own
        "benchmarks/reading.py",  # likewise
        "proofs/manifest.py",  # likewise
        "src/recurate/__main__.py",  # os.devnull, in place of a standard stream
        "src/recurate/commands/terminal.py",  # likewise
        "src/recurate/reading/formats/columnar.py",  # likewise
    }, found


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


READERS = {"polars", "narwhals", "pandas", "pyarrow", "msgspec"}


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
    assert not loaded & READERS


def test_command_line_is_light_until_a_command_runs():
    loaded = loaded_after("import recurate.cli")
    assert not loaded & {"numpy", "scipy", "torch", "matplotlib", "sympy", "hypothesis"}
    assert not loaded & READERS


@pytest.mark.parametrize("command", ["", "predict"])
def test_help_loads_no_library_of_tables(command):
    # In a process of its own, which exits as it has printed the help.
    arguments = ["recurate", *command.split(), "--help"]
    program = (
        f"import contextlib, io, sys; sys.argv = {arguments}\n"
        "from recurate.__main__ import main\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    main()"
    )
    loaded = loaded_after(program)
    assert "typer" in loaded
    assert not loaded & READERS


def test_tables_are_read_without_pandas_and_pyarrow(tmp_path):
    # Both serve the tests only; polars finds them if it is asked for what is theirs.
    (tmp_path / "t.csv").write_text("reward,group\n1,a\n2,b\n")
    program = (
        "from recurate.reading.asked import Asked; from recurate.reading.tables import *\n"
        f"read_rewards({str(tmp_path / 't.csv')!r}, Asked())"
    )
    loaded = loaded_after(program)
    assert "polars" in loaded
    assert not loaded & {"pandas", "pyarrow", "scipy", "sympy", "matplotlib"}


def test_a_choice_loads_no_theorems():
    # SymPy alone takes a second, of the three that a choice is to take.
    loaded = loaded_after(
        "import recurate.numerics.inference.choosing, recurate.printing.answers.settling, "
        "recurate.printing.loops_as_json"
    )
    assert "scipy" in loaded
    assert not loaded & {"sympy", "torch", "matplotlib", "pandas", "hypothesis"}


def test_public_names():
    import recurate

    for name in recurate.__all__:
        assert getattr(recurate, name) is not None
    assert set(recurate.__all__) == set(dir(recurate))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = recurate.nothing
