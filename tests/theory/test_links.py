"""Where a proof takes another statement as known: it is that claim, with values put in."""

import json
import subprocess
import sys

import pytest
import sympy

from recurate.theory.catalogue import STATEMENTS
from recurate.theory.foundations import ratio_monotone
from recurate.theory.language import notation
from recurate.theory.language.relations import at_least
from recurate.theory.statement import instance_of

# Imports the modules in reading order; after each, alters its claim, so that those that follow (and
# that import it) are built on another one. Prints which suppositions have changed.
ALTERED = """
import dataclasses, importlib, json, sys
from recurate.theory.statement import Statement
modules, suppositions = json.loads(sys.stdin.read())
changed, failed = [], []
for name, path in modules.items():
    module = importlib.import_module(path)
    for label, plain in suppositions[name].items():
        if str(module.statement.proof.supposed[label]) != plain:
            changed.append((name, label))
    if name == "theorem-2.3":
        failed += [v.step.label for v in module.statement.proof.verify() if v.state == "failed"]
    claim = module.statement.claim
    altered = claim.func(claim.lhs, claim.rhs + 7, evaluate=False)
    module.statement = dataclasses.replace(module.statement, claim=altered)
print(json.dumps([changed, failed]))
"""


def links():
    """Pairs of a statement's id and a label in what its proof supposes that is another's id."""
    return [
        (name, label)
        for name, statement in STATEMENTS.items()
        for label in statement.proof.supposed
        if label.split(" at ")[0] in STATEMENTS
    ]


def in_order_of_use():
    """Ids, each after those that it uses."""
    out = []

    def add(name):
        for used in sorted(STATEMENTS[name].uses):
            add(used)
        if name not in out:
            out.append(name)

    for name in STATEMENTS:
        add(name)
    return out


def test_every_supposition_named_after_a_statement_is_taken_from_its_claim():
    suppositions = {name: {} for name in STATEMENTS}
    for name, label in links():
        suppositions[name][label] = str(STATEMENTS[name].proof.supposed[label])
    done = subprocess.run(
        [sys.executable, "-c", ALTERED],
        input=json.dumps([{n: STATEMENTS[n].module for n in in_order_of_use()}, suppositions]),
        capture_output=True,
        text=True,
        check=True,
    )
    changed, failed = json.loads(done.stdout)
    assert sorted(map(tuple, changed)) == sorted(links())
    assert failed  # Theorem 2.3 does not hold with another Lemma 2.2


def test_whatever_is_supposed_of_a_statement_is_used():
    for name, label in links():
        assert label.split(" at ")[0] in STATEMENTS[name].uses, (name, label)


def test_what_is_used_is_another_statement():
    for name, statement in STATEMENTS.items():
        assert set(statement.uses) <= set(STATEMENTS) - {name}


def test_instance_has_the_values_put_in():
    t = notation.t
    claim = instance_of(
        STATEMENTS["lemma-2.2"],
        {
            notation.next_mean_weight: notation.curated_mean_at(t),
            notation.mean_weight: notation.mean_weight_at(t),
            notation.variance_weight: notation.variance_at(t),
        },
    )
    share = (1 - notation.inverse_candidates) / notation.max_weight
    assert claim == at_least(
        notation.curated_mean_at(t), notation.mean_weight_at(t) + share * notation.variance_at(t)
    )


def test_instance_puts_in_at_once():
    # One after the other, μ would become w_* and then both of them V + 1.
    values = {
        notation.mean_weight: notation.max_weight,
        notation.max_weight: notation.mean_weight,
    }
    claim = instance_of(STATEMENTS["lemma-2.2"], values)
    assert claim.rhs.subs(notation.variance_weight, 0) == notation.max_weight


def test_instance_of_a_whole_side():
    x = sympy.Symbol("x", positive=True)
    claim = instance_of(STATEMENTS["lemma-2.1-limit"], {STATEMENTS["lemma-2.1-limit"].claim.lhs: x})
    assert claim.lhs == x


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({notation.lam: 1}, "lemma-2.2 does not speak of lambda"),
        ({notation.mean_weight: sympy.Symbol("x", real=True)}, "needs mu to be positive; x is not"),
        ({notation.variance_weight: sympy.Integer(-1)}, "needs V to be nonnegative; -1 is not"),
    ],
)
def test_instance_refuses_what_is_none(values, message):
    with pytest.raises(ValueError, match=message):
        instance_of(STATEMENTS["lemma-2.2"], values)


def test_functions_are_replaced_as_they_occur():
    w = notation.weight
    claim = instance_of(ratio_monotone.statement, {ratio_monotone.LOWER: w})
    assert claim.rhs == w
    assert claim.lhs == ratio_monotone.HIGHER
