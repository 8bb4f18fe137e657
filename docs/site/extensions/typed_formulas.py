"""Formulas that docs/mathematics.md has as code, in signs that one types, are set as formulas.

`E_p w >= μ + a G_K` reads well in an editor and on a terminal, and is one reading away from LaTeX:
each sign becomes one of LaTeX's, in the same order, fractions stay a/b, and nothing is moved or
left out. Text with any other word in it (a command, a result's id, a name in Rocq) stays code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from recurate.theory.catalogue import STATEMENTS

PAGE = "docs/mathematics"

FUNCTIONS = {
    **{name: rf"\{name}" for name in ("log", "min", "max", "sup", "lim", "limsup", "tanh")},
    "argmax": r"\mathrm{arg}\,\max",
    "lim inf": r"\liminf",
    "lim sup": r"\limsup",
    "inf": r"\infty",
}
NAMES = {"KL", "TV", "Var", "Cov", "diag", "gap", "ref"}
WORDS = {"odds", "against", "outside", "group", "binomial", "of", "and", "what", "was", "before"}
OTHERWISE = {
    "ε": "varepsilon",
    "φ": "varphi",
    "λ": "lambda",
    "Λ": "Lambda",
    "Σ": "sum",
    "Π": "prod",
}
GREEK = re.compile(r"[α-ωΑ-Ω]")
SIGNS = {
    "<=": r"\le", ">=": r"\ge", "->": r"\to", "→": r"\to", "≠": r"\ne", "≪": r"\ll", "…": r"\dots",
    "·": r"\cdot", "∫": r"\int", "∂": r"\partial", "∞": r"\infty", "‖": r"\Vert", "±": r"\pm",
    "ℓ": r"\ell", "½": r"\tfrac12", "⅓": r"\tfrac13", "⅔": r"\tfrac23", "{": r"\{", "}": r"\}",
    **{sign: sign for sign in "+-=<>/()[],;:.|!"},
}  # fmt: skip
OPERATOR = re.compile(r"\b(?:E|Var|Cov)(?:_\w+|_\{[^{}]*\})?$")  # a space after it is to be seen
RAISED = dict(zip("²³⁴⁵⁶ᵀ", ["2", "3", "4", "5", "6", r"\mathsf{T}"], strict=True))
TOKEN = re.compile(
    r"(?P<space> +)|(?P<number>\d*\.?\d+)|(?P<word>lim (?:inf|sup)|[A-Za-z]+)|(?P<root>√\d)"
    r"|(?P<sign><=|>=|->|.)"
)


class NotAFormula(Exception):  # noqa: N818 (it is no error: code stays code)
    """What is read has something that no formula has."""


def latex(text: str) -> str:
    """Return a typed formula in LaTeX, or raise `NotAFormula`."""
    reader = _Reader(text)
    made = " ".join(reader.until_end())
    return re.sub(r" +(?=['^_ ])", "", made).strip()


class _Reader:
    """A formula, read from left to right."""

    def __init__(self, text: str):
        self.text, self.at = text, 0

    def until_end(self, closing: str = "") -> Iterator[str]:
        """Yield LaTeX for all that comes before the closing bracket of a group."""
        depth = 0
        while self.at < len(self.text):
            if closing and not depth and self.text.startswith(closing, self.at):
                self.at += 1
                return
            sign = self.text[self.at]
            depth += (sign in "({[") - (sign in ")}]")
            yield self._piece()
        if closing or depth:
            raise NotAFormula(self.text)

    def _piece(self) -> str:
        found = TOKEN.match(self.text, self.at)
        if found is None:
            raise NotAFormula(self.text)
        token, before = found[0], self.text[: self.at]
        if token in "_^" and before[-1:].strip():
            return self._script(token)
        self.at = found.end()
        if found["space"]:
            return r"\qquad" if len(token) > 3 else r"\," if OPERATOR.search(before) else ""
        if found["word"]:
            return self._word(token)
        if found["number"]:
            return f"_{token}" if GREEK.fullmatch(before[-1:]) else token
        if found["root"]:
            return rf"\sqrt{{{token[1:]}}}"
        return self._sign(token, before)

    def _sign(self, token: str, before: str) -> str:
        after = self.text[self.at :]
        if token == "|" and before.endswith(" ") and after.startswith(" "):
            return r"\,|\,"
        if token in ("'", "~", "*") and before[-1:].strip() and before[-1:] not in "+-=<>/([{,":
            return {"'": "'", "~": "", "*": "^{*}"}[token]
        if token in RAISED and before:
            return f"^{{{RAISED[token]}}}"
        if GREEK.fullmatch(token):
            return self._accented(_greek(token))
        if token in SIGNS:
            return SIGNS[token]
        raise NotAFormula(self.text)

    def _word(self, word: str) -> str:
        after = self.text[self.at :]
        if word in FUNCTIONS:
            return FUNCTIONS[word]
        if word in NAMES:
            return rf"\mathrm{{{word}}}"
        # A mean, where it is not a number: `D (x - y) + E (y - x) = (D-E) [x - y]` has one.
        if word == "E" and re.match(r"[_\[]| [^\W\d]| \(", after) and "-E)" not in self.text:
            return r"\mathbb{E}"
        if word in WORDS:
            return rf"\text{{ {word} }}"
        if len(word) == 1:
            return self._accented(word)
        if len(word) == 2 and word not in ("if", "or", "of", "is", "in", "as", "to", "at", "by"):
            return " ".join(word)
        raise NotAFormula(self.text)

    def _accented(self, letter: str) -> str:
        """Return a letter, under a tilde or a hat where one follows it."""
        for sign, accent in (("~", r"\tilde"), ("^_", r"\hat")):
            if self.text.startswith(sign, self.at):
                self.at += 1
                return f"{accent}{{{letter}}}"
        return letter

    def _script(self, kind: str) -> str:
        """Return an index or a power: a group in brackets, or one number, word or sign."""
        self.at += 1
        opening = self.text[self.at : self.at + 1]
        if opening == "{" or (opening == "(" and kind == "^"):
            self.at += 1
            return f"{kind}{{{' '.join(self.until_end({'{': '}', '(': ')'}[opening]))}}}"
        found = re.compile(r"-?(?:\d+|[A-Za-z]+(?:,i)?|[^\W\d_])|[*+∞-]").match(self.text, self.at)
        if found is None:
            raise NotAFormula(self.text)
        self.at = found.end()
        index = found[0]
        inner = index if index in ("*", "+") else "".join(_Reader(index).until_end())
        return f"{kind}{{{inner}}}"


def _greek(letter: str) -> str:
    """Return a letter by the name that LaTeX has for it: Unicode has the same, but for few."""
    _, case, _, name = unicodedata.name(letter).split()
    other = name.lower() if case == "SMALL" else name.capitalize()
    return f"\\{OTHERWISE.get(letter, other)}"


class TypedFormulas(SphinxTransform):
    """Code that is a formula becomes one, in the page of the mathematics."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Set the formulas, and say how many there are."""
        if self.env.current_document.docname != PAGE:
            return
        counts = {"set": 0, "left as code": 0}
        for paragraph in [*self.document.findall(nodes.paragraph)]:
            said = paragraph.astext()
            if said in TITLES:
                paragraph[:] = in_title(said)
            elif said in CONTENTS:
                paragraph[1:] = [nodes.Text(": "), *in_title(CONTENTS[said])]
        for code in [*self.document.findall(_is_code)]:
            try:
                made = [_formula(line, code) for line in code.astext().splitlines()]
            except NotAFormula:
                counts["left as code"] += 1
                continue
            counts["set"] += 1
            code.parent.replace(code, made)
        told = ", ".join(f"{n:,} {what}" for what, n in counts.items())
        logging.getLogger(__name__).info("formulas of %s: %s", PAGE, told)


TITLES = {f"{statement.title}." for statement in STATEMENTS.values()}
CONTENTS = {f"{name}: {statement.title}": statement.title for name, statement in STATEMENTS.items()}
WORD = re.compile(r"(?!(?:KL|TV|inf|ref|log|tanh|limsup)(?![a-z]))(?<![A-Za-z])[A-Za-z]{2}")


def in_title(title: str) -> list[nodes.Node]:
    """Return the title of a result with its formulas set: what stands between its words."""
    made: list[nodes.Node] = []
    for is_typed, group in groupby(title.split(" "), _is_typed):
        run = " ".join(group)
        typed = run.rstrip(".,")
        try:
            made += [nodes.math(typed, latex(typed))] if is_typed else [nodes.Text(typed)]
        except NotAFormula:
            made.append(nodes.Text(typed))
        made.append(nodes.Text(f"{run[len(typed) :]} "))
    return made


def _is_typed(token: str) -> bool:
    return not WORD.search(token) and token.strip(".,") not in ("a", "A")


def _is_code(node: nodes.Node) -> bool:
    return isinstance(node, nodes.literal | nodes.literal_block)


def _formula(line: str, code: nodes.Element) -> nodes.Element:
    if isinstance(code, nodes.literal):
        return nodes.math(line, latex(line))
    return nodes.math_block(line, latex(line.strip()), nowrap=False, number=None)


class Linked(SphinxPostTransform):
    """The id of a result in code leads to docs/mathematics.md, the name of a document to it."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Wrap each of them in a reference."""
        for code in [*self.document.findall(nodes.literal)]:
            target = self._target(code.astext())
            if target and not _is_linked(code):
                link = nodes.reference(refuri=target, internal=True)
                code.replace_self(link)
                link += code

    def _target(self, name: str) -> str:
        here, page = self.env.current_document.docname, name.removesuffix(".md")
        if name in STATEMENTS:
            home = "" if here == PAGE else self.app.builder.get_relative_uri(here, PAGE)
            return f"{home}#{nodes.make_id(name)}"
        if name.endswith(".md") and page in self.env.found_docs and page != here:
            return self.app.builder.get_relative_uri(here, page)
        return ""


def _is_linked(node: nodes.Element) -> bool:
    """Tell whether a node is in a link or a title, however deep."""
    while node.parent is not None and not isinstance(node, nodes.reference | nodes.title):
        node = node.parent
    return isinstance(node, nodes.reference | nodes.title)


def setup(app: Any) -> dict[str, Any]:
    """Add the transform."""
    app.add_transform(TypedFormulas)
    app.add_post_transform(Linked)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
