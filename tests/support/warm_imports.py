"""Loaded once by the process that children are forked from: code that takes long to load is there when they begin.

It must start no thread and use no polars: neither survives a fork.
"""

from tests.support.catalogs import bar_rows

from geobuk.data.quality import Series, gate
from geobuk.domain.times import NS_PER_HOUR

gate(bar_rows(50, step_ns=NS_PER_HOUR), Series("synthetic", "AUSDT", "bars", NS_PER_HOUR))
