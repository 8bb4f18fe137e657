"""Cost of starting: importing recurate, and its command line's help."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from measure import Row, interleaved, median_ratio

HEAVY = ("matplotlib", "scipy", "sympy", "torch")

_NUMPY = "import numpy"
_LAW = "import recurate; recurate.RewardLaw"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _task(command: list[str]) -> Callable[[], object]:
    return lambda: subprocess.run(command, check=True, capture_output=True)


def _heavy_modules() -> list[str]:
    """Return which heavy packages are loaded after the first use of a public name."""
    code = f"{_LAW}; import sys; print(*sorted(sys.modules.keys() & set({HEAVY})))"
    return subprocess.run(_python(code), check=True, capture_output=True, text=True).stdout.split()


def _help_command() -> list[str] | None:
    """Return the command that prints the help, or None where it does not work."""
    # Beside the interpreter as it was called: a virtual environment's is a link to elsewhere.
    script = Path(sys.executable).with_name("recurate")
    for command in ([str(script), "--help"], [sys.executable, "-m", "recurate", "--help"]):
        try:
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                return command
        except FileNotFoundError:
            continue
    return None


def imports() -> list[Row]:
    """Measure starting times in units of that of a Python that imports NumPy."""
    tasks = {"numpy": _task(_python(_NUMPY)), "law": _task(_python(_LAW))}
    help_command = _help_command()
    if help_command is not None:
        tasks["help"] = _task(help_command)
    interleaved(tasks, repeats=2)  # compiles and reads the files once
    seconds = interleaved(tasks, repeats=15)

    def row(name: str, what: str, target: float) -> Row:
        if name not in seconds:
            return Row("imports", what, None, "import numpy", target)
        ratio = median_ratio(seconds[name], seconds["numpy"])
        times = f"{1e3 * median(seconds[name]):.0f} ms over {1e3 * median(seconds['numpy']):.0f} ms"
        return Row("imports", what, ratio, "import numpy", target, times)

    heavy = _heavy_modules()
    return [
        row("law", _LAW, 1.6),
        Row("imports", f"{_LAW}: heavy modules", len(heavy), "modules", 0, ", ".join(heavy)),
        row("help", "recurate --help", 3.0),
    ]
