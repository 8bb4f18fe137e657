"""Textbook theorems on majorisation, iterations and families: what they must not be let say."""

import pytest
import sympy

from recurate.theory.language.draws import density_at, random_density
from recurate.theory.language.means import Mean
from recurate.theory.language.notation import divergence_at, lam, t
from recurate.theory.language.relations import less
from recurate.theory.proving.citing import Cited
from recurate.theory.proving.known import Known, ProofError
from recurate.theory.textbook import families, local_iteration, majorisation
from recurate.theory.textbook.families import curvature_along, drawn_point, smooth_family
from recurate.theory.textbook.local_iteration import parameter_error
from recurate.theory.textbook.majorisation import distribution_function, membership

THEOREMS = [
    value
    for module in (majorisation, local_iteration, families)
    for value in vars(module).values()
    if isinstance(value, majorisation.Theorem)
]
u, x, y = sympy.symbols("u x y", positive=True)
B, P, Q, v, point = sympy.symbols("B P Q v x")
G = sympy.Function("G", positive=True)


def refused(theorem, match, **quantities):
    with pytest.raises(ProofError, match=match):
        theorem.form(**{**theorem.quantities, **quantities})


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda theorem: theorem.name)
def test_a_theorem_follows_from_its_premises_for_every_value(theorem):
    form = theorem.in_general()
    because = Cited(theorem, theorem.quantities, {name: name for name in form.premises})
    because.check(form.conclusion, Known(form.premises, form.general))
    for name, symbols in form.general.items():
        for symbol in set(symbols) & form.premises[name].free_symbols:
            general = {**form.general, name: tuple(s for s in symbols if s != symbol)}
            with pytest.raises(ProofError, match=f"not supposed of every {symbol}"):
                because.check(form.conclusion, Known(form.premises, general))


def test_majorisation_compares_one_density_with_one_curve():
    theorem = majorisation.MAJORISATION
    refused(theorem, "depends on B", density=random_density * membership(B))
    refused(theorem, "not depend on any", curve=sympy.Function("G", positive=True)(u, B))
    refused(theorem, "not depend on any", slope=random_density * G(u))
    refused(theorem, "without assumptions", fuzzy_set=t)
    refused(theorem, "not depend on any", fuzzy_set=u)
    assert theorem.in_general().general["above"] == (B,)
    refused(theorem, "smooth", convex=sympy.Abs(x - 1))
    refused(theorem, "tied", variable=lam)
    # No sign step shows that log x is convex.
    assert theorem.form(**{**theorem.quantities, "convex": sympy.log(x)}).premises[
        "convex"
    ] == sympy.Ge(-1 / x**2, 0, evaluate=False)


def test_an_inverse_is_of_a_smooth_function_of_one_variable():
    theorem = majorisation.INVERSE_FUNCTION
    refused(theorem, "smooth", value=sympy.floor(y))
    refused(theorem, "positive", inverse=sympy.Function("G", real=True)(u))
    refused(theorem, "not depend on any", value=u * y)
    form = theorem.form(**{**theorem.quantities, "value": y, "slope": sympy.S.One})
    assert form.conclusion == distribution_function(G(u), 1, u)


def test_a_change_of_variables_needs_the_density_of_the_curve():
    theorem = majorisation.CHANGE_OF_VARIABLES
    refused(theorem, "not depend on any", integrand=u * y)
    refused(theorem, "not depend on any", slope=G(u) * y)
    refused(theorem, "must not be random", integrand=random_density * y)
    # The integral of 1/y is infinite, and so not a number.
    refused(theorem, "may be infinite", total=sympy.Integral(1 / y, (y, 0, 1)))
    refused(theorem, "not finite", total=sympy.oo)


def test_rates_are_numbers():
    refused(local_iteration.RAYLEIGH_QUOTIENT, "not depend on any", rate=sympy.Function("r")(v))
    refused(local_iteration.LINEAR_CONVERGENCE, "not depend on any", rate=1 / (t + 2))
    refused(local_iteration.LINEAR_CONVERGENCE, "not a distance", error=divergence_at(t))
    refused(families.DIVERGENCE_EXPANSION, "not depend on any", rate=1 / (t + 2))
    refused(families.DIVERGENCE_EXPANSION, "natural numbers", index=x)
    at_one = {**local_iteration.LINEAR_CONVERGENCE.quantities, "rate": sympy.S.One}
    premises = local_iteration.LINEAR_CONVERGENCE.form(**at_one).premises
    assert premises["below one"] == less(sympy.S.One, 1)  # which no step can show


def test_roots_are_of_nonnegative_numbers_in_a_natural_index():
    theorem = local_iteration.ROOTS_OF_ORDER
    refused(theorem, "nonnegative", smaller=sympy.Function("x", real=True)(t))
    refused(theorem, "natural numbers", index=x)
    refused(theorem, "must not be random", larger=density_at(t) ** 2)


def test_duality_is_about_one_function_of_one_point():
    theorem = families.KANTOROVICH_RUBINSTEIN
    other = theorem.quantities["other"]
    refused(theorem, "not depend on any", function=curvature_along(v, point) * sympy.Symbol("x'"))
    refused(theorem, "not depend on any", constant=sympy.Function("L")(point))
    refused(theorem, "without assumptions", first=t)
    form = theorem.form(**{**theorem.quantities, "function": curvature_along(v, point)})
    assert form.general["lipschitz"] == (point, other)
    means = [Mean(curvature_along(v, drawn_point(law))) for law in (P, Q)]
    assert form.conclusion.lhs == means[0] - means[1]


def test_the_information_identity_is_about_a_family_of_its_own():
    form = families.INFORMATION_IDENTITY.form(model=P, direction=v)
    assert form.premises == {"family": smooth_family(P)}
    assert not form.conclusion.has(Q)
    assert families.DIVERGENCE_EXPANSION.in_general().premises["converges"].has(parameter_error)
