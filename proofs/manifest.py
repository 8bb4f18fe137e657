"""Check the built proofs, print the axioms of the main theorems, and write the manifest of them.

`python manifest.py write PATH` rewrites the manifest; `python manifest.py compare PATH` fails where
the manifest at PATH says something else. Only the standard library is used.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent

CLASSICAL_AXIOMS = frozenset(
    {
        "boolp.propositional_extensionality",
        "boolp.functional_extensionality_dep",
        "boolp.constructive_indefinite_description",
    }
)
"""What MathComp Analysis supposes of logic; nothing else is allowed."""

_ON_REALS = re.compile(r"Require\s+Import\s[^.]*\breals\b")
"""What a source says that uses real numbers; in any other no axiom is allowed."""

_UNPROVED = re.compile(
    r"\b(Admitted|admit|Abort|Axioms?|Conjectures?|Parameters?|bypass_check|"
    r"Unset\s+(Guard|Positivity|Universe)\s+Check\w*)\b"
)
_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)


class ProofError(Exception):
    """Something is not proved, or not as it should be."""


def main(arguments: list[str]) -> int:
    """Write or compare the manifest; return the exit status."""
    if len(arguments) != 2 or arguments[0] not in ("write", "compare"):
        print("usage: manifest.py {write,compare} PATH", file=sys.stderr)
        return 2
    action, path = arguments[0], Path(arguments[1])
    try:
        text = json.dumps(manifest(), indent=2, ensure_ascii=False) + "\n"
    except ProofError as error:
        print(f"proofs: {error}", file=sys.stderr)
        return 1
    if action == "write":
        # The package's own writer, by its path: the package need not be installed here.
        runpy.run_path(str(HERE.parent / "numerics" / "files.py"))["write_text"](path, text)
        return 0
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        print(
            f"proofs: {path} is not what was checked now: run `make proofs` and commit it",
            file=sys.stderr,
        )
        return 1
    return 0


def manifest() -> dict[str, Any]:
    """Return what was checked: theorems, their statements and axioms, sources, and versions."""
    files = [line for line in _lines(HERE / "_CoqProject") if line.endswith(".v")]
    on_disk = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.v")}
    if set(files) != on_disk:
        raise ProofError(f"_CoqProject and the folder differ: {sorted(on_disk ^ set(files))}")
    for file in files:
        _refuse_unproved(file)
    checker = _run_checker(files)
    theorems = [_reported(line, files) for line in _lines(HERE / "theorems.txt")]
    answers = _ask(files, theorems)
    for theorem, (statement, axioms) in zip(theorems, answers, strict=True):
        is_on_reals = _ON_REALS.search(_code(theorem["file"]))
        allowed = CLASSICAL_AXIOMS if is_on_reals else frozenset()
        print(f"{theorem['theorem']}: {', '.join(axioms) or 'closed under the global context'}")
        if not set(axioms) <= allowed:
            raise ProofError(f"{theorem['theorem']} rests on {sorted(set(axioms) - allowed)}")
        theorem["statement"], theorem["axioms"] = statement, axioms
    return sealed(
        {
            "checker": checker,
            "theorems": theorems,
            "sources": {
                file: hashlib.sha256((HERE / file).read_bytes()).hexdigest() for file in files
            },
        }
    )


def sealed(found: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its checksum, as `recurate.numerics.own_files` reads it."""
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return {**found, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _module(file: str) -> str:
    """Return how Rocq calls a source: its folders are part of the name."""
    return "Recurate." + file.removesuffix(".v").replace("/", ".")


def _refuse_unproved(file: str) -> None:
    found = _UNPROVED.search(_code(file))
    if found:
        raise ProofError(f"{file} says {found[0]}")


def _code(file: str) -> str:
    return _COMMENT.sub("", (HERE / file).read_text(encoding="utf-8"))


def _reported(line: str, files: list[str]) -> dict[str, Any]:
    name, stem, theorem = line.split()
    found = [file for file in files if Path(file).stem == stem]
    if len(found) != 1:
        raise ProofError(f"theorems.txt names {stem}, which _CoqProject has {len(found)} times")
    return {"id": None if name == "-" else name, "theorem": theorem, "file": found[0]}


def _output(command: list[str]) -> str:
    # coqchk prints its summary as an error.
    done = subprocess.run(
        command,
        cwd=HERE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise ProofError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def _run_checker(files: list[str]) -> str:
    """Have the independent checker read all files of this folder again; return its version."""
    command = ["coqchk", "-silent", "-o", "-Q", ".", "Recurate"]
    for file in files:
        # The libraries are taken as Debian built them: to check them again takes far longer.
        command += ["-norec", _module(file)]
    summary = _output(command)
    for doubt in ("type-in-type", "unsafe (co)fixpoints", "positivity is assumed"):
        if not re.search(rf"{re.escape(doubt)}: <none>", summary):
            raise ProofError(f"coqchk does not exclude: {doubt}\n{summary}")
    declared = re.findall(r"^\s+(Recurate\.\S+)", summary, re.MULTILINE)
    if declared:
        raise ProofError(f"axioms are declared here: {declared}")
    version = re.search(r"version (\S+)", _output(["coqchk", "--version"]))
    if version is None:
        raise ProofError("coqchk does not say its version")
    return f"coqchk {version[1]}"


def _ask(files: list[str], theorems: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the statement and the axioms of each theorem, as Rocq prints them.

    To find the axioms of one takes seconds, so each core asks about a part of them.
    """
    cores = os.cpu_count() or 1
    parts = [theorems[start::cores] for start in range(min(cores, len(theorems)))]
    with ThreadPoolExecutor(cores) as pool:
        answers = list(pool.map(lambda part: _answers(files, part), parts))
    return [answers[i % cores][i // cores] for i in range(len(theorems))]


def _answers(files: list[str], theorems: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    """Return the same from one process."""
    questions = [
        "From mathcomp Require Import all_ssreflect all_algebra.",
        "From mathcomp Require Import classical_sets functions reals signed topology.",
        "From mathcomp Require Import normedtype sequences exp.",
        f"Require Import {' '.join(map(_module, files))}.",
        "Local Open Scope classical_set_scope.",
        "Local Open Scope ring_scope.",
        "Set Printing Width 96.",
        "Unset Printing Implicit Defensive.",
    ]
    for theorem in theorems:
        name = f"{_module(theorem['file'])}.{theorem['theorem']}"
        questions += [
            'Goal True. idtac "=====". Abort.',
            f"Check {name}.",
            'Goal True. idtac "-----". Abort.',
            f"Print Assumptions {name}.",
        ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.v"
        path.write_text("\n".join(questions) + "\n", encoding="utf-8")
        answer = _output(["coqc", "-w", "none", "-Q", ".", "Recurate", str(path)])
    answers = answer.split("=====\n")[1:]
    if len(answers) != len(theorems):
        raise ProofError(f"{len(theorems)} questions have {len(answers)} answers")
    return [_parsed(one) for one in answers]


def _parsed(answer: str) -> tuple[str, list[str]]:
    printed, _, assumptions = answer.partition("-----\n")
    _, _, statement = printed.partition("\n     : ")
    lines = [line.removeprefix(" " * 7) for line in statement.rstrip().splitlines()]
    if not lines:
        raise ProofError(f"no statement in {answer!r}")
    if assumptions.strip() == "Closed under the global context":
        return "\n".join(lines), []
    head, _, listed = assumptions.partition("\n")
    axioms = re.findall(r"^(\S+)", listed, re.MULTILINE)
    if head != "Axioms:" or not axioms:
        raise ProofError(f"assumptions are not understood: {assumptions!r}")
    return "\n".join(lines), sorted(axioms)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
