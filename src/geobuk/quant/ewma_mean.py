"""An exponentially weighted mean as running state."""

from geobuk.ops.compiled import step


@step
def updated_mean(mean: float, value: float, count: int, alpha: float) -> float:
    """Exponentially weighted mean after one more value; ``count`` includes it.

    While fewer than 1 / alpha values were seen it is their plain mean, so the start carries no arbitrary seed.
    """
    weight = alpha if alpha * count >= 1.0 else 1.0 / count
    return mean + weight * (value - mean)
