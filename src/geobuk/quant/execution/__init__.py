"""What trading costs and how to spread it: impact, schedules, shortfall, quotes, place in the queue.

Knows sizes, prices and days as numbers; no order, no venue.
"""

from geobuk.quant.execution.almgren_chriss import ExecutionPlan, LinearImpact, almgren_chriss
from geobuk.quant.execution.impact import Impact, square_root_impact
from geobuk.quant.execution.market_making import QuoteModel, Quotes, avellaneda_stoikov
from geobuk.quant.execution.queue import Queue, Traded, after_cancel, after_join, after_trade, joined_queue
from geobuk.quant.execution.schedules import Schedule, twap, vwap
from geobuk.quant.execution.shortfall import DecidedTrade, Shortfall, implementation_shortfall

__all__ = [
    "DecidedTrade",
    "ExecutionPlan",
    "Impact",
    "LinearImpact",
    "Queue",
    "QuoteModel",
    "Quotes",
    "Schedule",
    "Shortfall",
    "Traded",
    "after_cancel",
    "after_join",
    "after_trade",
    "almgren_chriss",
    "avellaneda_stoikov",
    "implementation_shortfall",
    "joined_queue",
    "square_root_impact",
    "twap",
    "vwap",
]
