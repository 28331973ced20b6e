"""Which instruments count as one: those of a sector, and those whose returns move together."""

from geobuk.ops.compiled import kernel
from geobuk.panel import Record
from geobuk.quant.portfolio.correlation_buckets import bucket_labels
from geobuk.risk.state import Desk

SECTORS, BUCKETS = 0, 1
"""Rows of a desk's groups."""


@kernel
def regroup(desk: Desk, rules: Record) -> None:
    """Put instruments whose correlation reaches the threshold into buckets anew, once a day; sectors as they are."""
    account = desk.account[0]
    if account.grouped_on != account.day:
        account.grouped_on = account.day
        for i in range(desk.book.shape[0]):
            desk.groups[SECTORS, i] = desk.terms[i].sector
        if rules.bucket_correlation > 0.0 and rules.by_covariance:
            bucket_labels(desk.covariance, rules.bucket_correlation, desk.groups[BUCKETS])
