"""Results as data frames: every array finds its column, every number its instrument and its time."""

import numpy as np
import polars as pl
import pytest
from tests.support.markets import flat_bars_result  # placeholder
