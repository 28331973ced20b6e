"""Sizes on the way from the peak to the drawdown limit: full, shrinking evenly, then positions may only shrink.

Linear in equity, in the spirit of Grossman and Zhou 1993, who invest in proportion to the cushion above a floor under
the running peak. ``account`` is a record with LEDGER_FIELDS, ``rules`` one with LOSS_FIELDS.
"""

from geobuk.ops.compiled import step
from geobuk.panel import Record


@step
def set_size(account: Record, rules: Record) -> None:
    """Shrink sizes as the marked equity calls for; they grow back only with the days.

    Above ``full_size_above`` of the peak nothing shrinks; from there to ``reduce_only_below`` the scale falls from 1 to
    ``reduced_size``; at that line and below it positions may only shrink. Equity that is NaN lies below it.
    """
    scale, is_reduce_only = 1.0, False
    if rules.has_stages:
        top, bottom = account.peak * rules.full_size_above, account.peak * rules.reduce_only_below
        if not account.equity > bottom:
            scale, is_reduce_only = rules.reduced_size, True
        elif account.equity < top:
            scale = rules.reduced_size + (1.0 - rules.reduced_size) * (account.equity - bottom) / (top - bottom)
    account.size_cap = min(account.size_cap, scale)
    account.size_scale = account.size_cap
    account.is_reduce_only = is_reduce_only
