"""An exponentially weighted mean as running state.

While fewer than 1 / alpha values were seen it is their plain mean, so the start carries no arbitrary seed.
"""

from geobuk.ops.compiled import step


@step
def moved_mean(mean: float, value: float, alpha: float, plain: float) -> float:
    """The mean after one more value; ``plain`` is 1 / (number of values, this one included), shared by means that have
    seen as many.
    """
    return mean + max(alpha, plain) * (value - mean)


@step
def updated_mean(mean: float, value: float, count: int, alpha: float) -> float:
    """The mean after one more value; ``count`` includes it.

    >>> updated_mean(3.0, 5.0, 2, 0.1), updated_mean(3.0, 5.0, 100, 0.1)
    (4.0, 3.2)
    """
    return moved_mean(mean, value, alpha, 1.0 / count)
