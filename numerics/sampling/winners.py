"""Which of K candidates is chosen: deterministic kernels from uniform numbers to winners.

They are written against the array API, for NumPy and torch alike; the uniforms come from
`recurate.numerics.sampling.streams`. Candidates run along the first axis, choices along
the second, so that a sum over candidates is a sum of rows.
"""

from __future__ import annotations

from array_api_compat import array_namespace

from recurate.numerics.sampling.arrays import Array, device_of, looked_up

_FEW_CANDIDATES = 16  # up to here row by row is faster than a cumulative sum and a gather
_FEW_ENTRIES = 12  # up to here comparisons with each entry are faster than a search


def indices_from_uniforms(uniforms: Array, size: int) -> Array:
    """Return floor(size · u): indices from 0 to size - 1, evenly, of the uniforms' shape.

    With b-bit uniforms each index has a probability within a relative size · 2^-b of 1/size.
    """
    xp = array_namespace(uniforms)
    # u < 1, and yet size · u may be rounded up to size.
    return xp.clip(xp.astype(xp.floor(uniforms * size), xp.int64), 0, size - 1)


def indices_by_law(cumulative: Array, uniforms: Array) -> Array:
    """Return indices drawn from a law by inversion of its cumulative sums.

    Parameters
    ----------
    cumulative : array, shape (n,)
        Cumulative sums of the probabilities, or of weights, nondecreasing.
    uniforms : array, any shape
        Uniforms in [0, 1).

    Returns
    -------
    array of int
        Index i with probability (cumulative[i] - cumulative[i-1]) / cumulative[-1]; never one of
        probability zero.
    """
    xp = array_namespace(cumulative)
    flat = xp.reshape(uniforms, (-1,)) * cumulative[-1]
    if cumulative.shape[0] <= _FEW_ENTRIES:
        found = xp.zeros_like(flat, dtype=xp.int8)
        for k in range(cumulative.shape[0]):
            found = found + xp.astype(flat >= cumulative[k], xp.int8)
        found = xp.astype(found, xp.int64)
    else:
        found = xp.searchsorted(cumulative, flat, side="right")
    # Rounding may take u · total up to the total: the last index with mass then.
    last = xp.searchsorted(cumulative, cumulative[-1:], side="left")
    return xp.reshape(xp.minimum(found, last), uniforms.shape)


def choose_by_weight(candidates: Array, weights: Array, uniforms: Array) -> tuple[Array, Array]:
    """Choose candidate k with probability w_k / sum_j w_j, with one uniform number per choice.

    Parameters
    ----------
    candidates : array of int, shape (K, m)
        The candidates of each of m choices.
    weights : array, shape (K, m)
        Their weights, at least 0; at least one per choice must be positive.
    uniforms : array, shape (m,)
        Uniforms in [0, 1).

    Returns
    -------
    winners : array of int, shape (m,)
        The chosen entries of `candidates`: the first whose cumulative weight exceeds u · total.
    totals : array, shape (m,)
        Sums of the weights.
    """
    xp = array_namespace(weights)
    if candidates.shape[0] > _FEW_CANDIDATES:
        cumulative = xp.cumulative_sum(weights, axis=0)
        totals = cumulative[-1, :]
        passed = xp.astype(cumulative[:-1, :] <= uniforms * totals, xp.int64)
        return take_chosen(candidates, xp.sum(passed, axis=0)), totals
    sums = [weights[0, :]]
    for k in range(1, candidates.shape[0]):
        sums.append(sums[-1] + weights[k, :])
    thresholds = uniforms * sums[-1]
    # Counted and gathered: a `where` for each candidate would branch, at random, on each choice.
    passed = xp.zeros_like(thresholds, dtype=xp.int8)
    for partial in sums[:-1]:
        passed = passed + xp.astype(partial <= thresholds, xp.int8)
    return take_chosen(candidates, passed), sums[-1]


def choose_by_log_weight(
    candidates: Array, log_weights: Array, uniforms: Array
) -> tuple[Array, Array]:
    """Choose as `choose_by_weight`, from logarithms of weights that may underflow.

    Returns
    -------
    winners : array of int, shape (m,)
    log_totals : array, shape (m,)
        Logarithms of the sums of the weights.
    """
    xp = array_namespace(log_weights)
    peaks = xp.max(log_weights, axis=0)
    winners, totals = choose_by_weight(candidates, xp.exp(log_weights - peaks), uniforms)
    return winners, peaks + xp.log(totals)


def choose_by_gumbel(candidates: Array, log_weights: Array, uniforms: Array) -> tuple[Array, Array]:
    """Choose the candidate with the largest log w_k + Gumbel noise, with K uniforms per choice.

    It is candidate k with probability w_k / sum_j w_j: with E_k = -log u_k exponential, E_k / w_k
    is exponential with the rate w_k, and the least of them belongs to k with that probability.

    Parameters
    ----------
    candidates : array of int, shape (K, m)
        The candidates of each of m choices.
    log_weights : array, shape (K, m)
        Logarithms of their weights.
    uniforms : array, shape (K, m)
        Uniforms in [0, 1).

    Returns
    -------
    winners : array of int, shape (m,)
    utilities : array, shape (m,)
        The largest log w_k + Gumbel noise.
    """
    xp = array_namespace(log_weights)
    # u = 0 gives a noise of -inf, which never wins beside another. Clipping avoids the warning.
    exponentials = -xp.log(xp.clip(uniforms, xp.finfo(uniforms.dtype).smallest_normal, None))
    return choose_highest(candidates, log_weights - xp.log(exponentials))


def choose_highest(candidates: Array, values: Array) -> tuple[Array, Array]:
    """Choose the candidate with the largest value, or the first of those.

    Parameters
    ----------
    candidates : array of int, shape (K, m)
        The candidates of each of m choices.
    values : array, shape (K, m)
        The values by which they are compared.

    Returns
    -------
    winners : array of int, shape (m,)
    highest : array, shape (m,)
        Their values.
    """
    xp = array_namespace(values)
    if candidates.shape[0] > _FEW_CANDIDATES:
        positions = xp.argmax(values, axis=0)
        return take_chosen(candidates, positions), take_chosen(values, positions)
    highest = values[0, :]
    positions = xp.zeros_like(highest, dtype=xp.int8)
    for k in range(1, candidates.shape[0]):
        higher = xp.astype(values[k, :] > highest, xp.int8)
        positions = xp.maximum(positions, higher * xp.asarray(k, dtype=xp.int8))
        highest = xp.maximum(highest, values[k, :])
    return take_chosen(candidates, positions), highest


def take_chosen(values: Array, positions: Array) -> Array:
    """Return values[positions[j], j], shape (m,), of values of shape (K, m)."""
    return take_each(values, positions[None, :])[0, :]


def take_each(values: Array, positions: Array) -> Array:
    """Return values[positions[i, j], j], shape (k, m), of values of shape (K, m)."""
    xp = array_namespace(values)
    m = values.shape[1]
    columns = xp.arange(m, dtype=xp.int64, device=device_of(values))
    flat = xp.astype(positions, xp.int64) * m + columns
    return looked_up(xp.reshape(values, (-1,)), flat)
