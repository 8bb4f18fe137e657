"""Check the built proofs, print the axioms of the main theorems, and write the manifest of them.

`python manifest.py write PATH` rewrites the manifest; `python manifest.py compare PATH` fails where
the manifest at PATH says something else. `python manifest.py check-libraries` has the independent
checker read the libraries too, and prints what it says. Only the standard library is used.
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

_OVER_REALS = re.compile(r"\w : realType\b")
"""What a statement says that is about all fields of real numbers."""

_UNPROVED = re.compile(
    r"\b(Admitted|admit|Abort|Axioms?|Conjectures?|Parameters?|bypass_check|"
    r"Unset\s+(Guard|Positivity|Universe)\s+Check\w*)\b"
)
_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)


class ProofError(Exception):
    """Something is not proved, or not as it should be."""


def main(arguments: list[str]) -> int:
    """Write or compare the manifest, or check the libraries too; return the exit status."""
    action, *paths = arguments or [""]
    if len(paths) != {"write": 1, "compare": 1, "check-libraries": 0}.get(action):
        print("usage: manifest.py {write,compare} PATH | check-libraries", file=sys.stderr)
        return 2
    try:
        if action == "check-libraries":
            print(_summary(_sources(), libraries=True))
            return 0
        path = Path(paths[0])
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
    files = _sources()
    for file in files:
        _refuse_unproved(file)
    theorems = [_reported(line, files) for line in _lines(HERE / "theorems.txt")]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        checker = pool.submit(_run_checker, files)
        statements = pool.submit(_statements, files, theorems).result()
        for theorem, statement in zip(theorems, statements, strict=True):
            theorem["statement"] = statement
        axioms = [pool.submit(_axioms, files, group, least) for group, least in _groups(theorems)]
        found = {name: used for group in axioms for name, used in group.result().items()}
        version = checker.result()
    for theorem in theorems:
        used, allowed = found[_name(theorem)], CLASSICAL_AXIOMS if _is_on_reals(theorem) else set()
        print(f"{theorem['theorem']}: {', '.join(used) or 'closed under the global context'}")
        if not set(used) <= allowed:
            raise ProofError(f"{theorem['theorem']} rests on {sorted(set(used) - allowed)}")
        theorem["axioms"] = used
    return sealed(
        {
            "checker": version,
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


def _sources() -> list[str]:
    files = [line for line in _lines(HERE / "_CoqProject") if line.endswith(".v")]
    on_disk = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*.v")}
    if set(files) != on_disk:
        raise ProofError(f"_CoqProject and the folder differ: {sorted(on_disk ^ set(files))}")
    return files


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
    _summary(files, libraries=False)
    version = re.search(r"version (\S+)", _output(["coqchk", "--version"]))
    if version is None:
        raise ProofError("coqchk does not say its version")
    return f"coqchk {version[1]}"


def _summary(files: list[str], *, libraries: bool) -> str:
    """Return what the independent checker says of the files, and of the libraries if asked."""
    command = ["coqchk", "-silent", "-o", "-Q", ".", "Recurate"]
    for file in files:
        # To check the libraries again, as Debian built them, takes far longer.
        command += [_module(file)] if libraries else ["-norec", _module(file)]
    summary = _output(command)
    for doubt in ("type-in-type", "unsafe (co)fixpoints", "positivity is assumed"):
        if not re.search(rf"{re.escape(doubt)}: <none>", summary):
            raise ProofError(f"coqchk does not exclude: {doubt}\n{summary}")
    declared = re.findall(r"^\s+(Recurate\.\S+)", summary, re.MULTILINE)
    if declared:
        raise ProofError(f"axioms are declared here: {declared}")
    return summary


def _name(theorem: dict[str, Any]) -> str:
    return f"{_module(theorem['file'])}.{theorem['theorem']}"


def _is_on_reals(theorem: dict[str, Any]) -> bool:
    return _ON_REALS.search(_code(theorem["file"])) is not None


def _statements(files: list[str], theorems: list[dict[str, Any]]) -> list[str]:
    """Return what each theorem says, as Rocq prints it."""
    return [
        _stated(answer)
        for answer in _answers(files, [f"Check {_name(theorem)}." for theorem in theorems])
    ]


def _groups(theorems: list[dict[str, Any]]) -> list[tuple[list[dict[str, Any]], str]]:
    """Return the theorems in groups, each with something that all of the group rest on.

    That is the type of the real numbers, for statements that quantify over it. Else it is True,
    which rests on nothing. Sources that do not know the real numbers are a group of their own.
    """
    algebra = [theorem for theorem in theorems if not _is_on_reals(theorem)]
    reals = [theorem for theorem in theorems if _is_on_reals(theorem)]
    over_reals = [theorem for theorem in reals if _OVER_REALS.search(theorem["statement"])]
    others = [theorem for theorem in reals if theorem not in over_reals]
    groups = [(algebra, "True"), (over_reals, "realType"), (others, "True")]
    return [(group, least) for group, least in groups if group]


def _axioms(files: list[str], group: list[dict[str, Any]], least: str) -> dict[str, list[str]]:
    """Return the axioms of each theorem of a group, all of which rest on `least`.

    To find the axioms of one theorem takes Rocq a second, and not much longer to find those of many
    that stand in one term. None of them rests on more than the term does, nor on less than `least`:
    where the two agree, that is the answer for each. Else each is asked about alone.
    """
    names = [_name(theorem) for theorem in group]
    together = f"Definition together := ({', '.join(f'@{name}' for name in names)}, tt)."
    questions = [f"Print Assumptions {least}.", f"{together} Print Assumptions together."]
    at_least, at_most = map(_assumed, _answers(files, questions))
    if at_least == at_most:
        return dict.fromkeys(names, at_most)
    alone = _answers(files, [f"Print Assumptions {name}." for name in names])
    return dict(zip(names, map(_assumed, alone), strict=True))


def _answers(files: list[str], questions: list[str]) -> list[str]:
    """Return what Rocq answers to each question, from one process."""
    lines = [
        "From mathcomp Require Import all_ssreflect all_algebra.",
        "From mathcomp Require Import classical_sets functions reals signed topology.",
        "From mathcomp Require Import normedtype sequences exp.",
        f"Require Import {' '.join(map(_module, files))}.",
        "Local Open Scope classical_set_scope.",
        "Local Open Scope ring_scope.",
        "Set Printing Width 96.",
        "Unset Printing Implicit Defensive.",
    ]
    for question in questions:
        lines += ['Goal True. idtac "=====". Abort.', question]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "questions.v"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        answer = _output(["coqc", "-w", "none", "-Q", ".", "Recurate", str(path)])
    answers = answer.split("=====\n")[1:]
    if len(answers) != len(questions):
        raise ProofError(f"{len(questions)} questions have {len(answers)} answers")
    return answers


def _stated(answer: str) -> str:
    """Return the statement that `Check` printed."""
    _, _, statement = answer.partition("\n     : ")
    lines = [line.removeprefix(" " * 7) for line in statement.rstrip().splitlines()]
    if not lines:
        raise ProofError(f"no statement in {answer!r}")
    return "\n".join(lines)


def _assumed(answer: str) -> list[str]:
    """Return the axioms that `Print Assumptions` printed."""
    if answer.strip() == "Closed under the global context":
        return []
    head, _, listed = answer.partition("\n")
    axioms = re.findall(r"^(\S+)", listed, re.MULTILINE)
    if head != "Axioms:" or not axioms:
        raise ProofError(f"assumptions are not understood: {answer!r}")
    return sorted(axioms)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
