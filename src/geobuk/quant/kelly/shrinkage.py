"""Pulling estimated means toward a prior, by a weight that is given or estimated from the sample."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import not_negative, number, positive, probability, table
from geobuk.quant.kelly.several import covariance_matrix


@dataclass(frozen=True, eq=False, slots=True)
class BayesStein:
    """Shrunk means (N,), the prior mean they were pulled to, and the weight of that prior.

    ``covariance`` (N, N) is the predictive one, which includes the uncertainty of the means. ``flags``: ``identical``
    (the sample means agree with the prior: the weight is 1).
    """

    mean: FloatArray
    prior: float
    weight: float
    covariance: FloatArray
    flags: tuple[str, ...] = ()


def shrunk_mean(mean: float, prior: float, weight: float) -> float:
    """(1 - w) mean + w prior.

    >>> round(shrunk_mean(0.10, 0.02, 0.25), 12)
    0.08
    """
    w = probability(weight, "weight")
    return (1.0 - w) * number(mean, "mean") + w * number(prior, "prior")


def bayes_stein_weight(distance: float, assets: int, periods: float) -> float:
    """Weight of the prior, (N + 2) / (N + 2 + T d), d = (mu - mu0)' Sigma^-1 (mu - mu0) per period; in (0, 1].

    Source: Jorion 1986, Bayes-Stein Estimation for Portfolio Analysis.
    """
    d, t = not_negative(distance, "distance"), positive(periods, "periods")
    return (assets + 2.0) / (assets + 2.0 + t * d)


def bayes_stein(returns: npt.ArrayLike) -> BayesStein:
    """Means pulled toward that of the minimum-variance portfolio, by the weight that the sample itself suggests.

    Parameters
    ----------
    returns : (T, N), N at least 2, T at least N + 3.

    Raises
    ------
    ValueError : not finite, too few rows or columns, or a singular covariance (one column repeats others).

    Notes
    -----
    Sigma is the sample covariance (T - 1) times (T - 1) / (T - N - 2); the weight is :func:`bayes_stein_weight`.
    Source: Jorion 1986.
    """
    values = table(returns, "returns")
    periods, assets = values.shape
    if assets < 2 or periods < assets + 3:
        raise ValueError(f"returns have shape {values.shape}: give at least 2 columns, and 3 rows more than columns")
    mean = values.mean(axis=0)
    sigma = covariance_matrix(np.cov(values, rowvar=False) * (periods - 1) / (periods - assets - 2))
    scale = np.sqrt(np.diag(sigma))
    if scale.min() <= 0.0 or np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0] <= 1e-10:
        raise ValueError("the covariance of returns is singular: drop columns that repeat others or never move")
    ones = np.ones(assets)
    inverse_ones = np.linalg.solve(sigma, ones)
    total = float(ones @ inverse_ones)
    prior = float(inverse_ones @ mean) / total
    apart = mean - prior
    distance = max(0.0, float(apart @ np.linalg.solve(sigma, apart)))
    weight = bayes_stein_weight(distance, assets, periods)
    # lambda = w T / (1 - w), in a form that has its limit at w = 1
    from_mean = weight / (periods + 1.0 - weight)
    predictive = sigma * (1.0 + (1.0 - weight) / periods) + from_mean * np.outer(ones, ones) / total
    flags = ("identical",) if weight >= 1.0 else ()
    return BayesStein((1.0 - weight) * mean + weight * prior, prior, weight, predictive, flags)
