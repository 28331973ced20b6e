"""Exit settings that do not fit together are refused, each with the value and the cure."""

from typing import Any

import pytest

from geobuk.domain.errors import SettingsError
from geobuk.risk.exit_settings import defines_risk, require_consistent
from geobuk.risk.spec import Stops
from geobuk.simulate.run import validated
from geobuk.simulate.spec import BacktestSpec

NO_STOP = {"fixed": 0.0, "atr": 0.0, "trailing": 0.0, "trailing_atr": 0.0}


@pytest.mark.parametrize(
    ("stops", "message"),
    [
        ({"take_profit": (1.0, 2.0)}, r"take_profit \[1, 2\] and stops\.take_share \[\] are not of one length"),
        ({"trail_by": (1.0,)}, r"trail_from \[\] and stops\.trail_by \[1\] are not of one length"),
        ({"take_profit": (2.0, 1.0), "take_share": (0.5, 0.5)}, r"take_profit \[2, 1\] does not ascend"),
        ({"take_profit": (1.0, 1.0), "take_share": (0.5, 0.5)}, r"take_profit \[1, 1\] does not ascend"),
        ({"trail_from": (2.0, 1.0), "trail_by": (1.0, 0.5)}, r"trail_from \[2, 1\] does not ascend"),
        ({"take_profit": (1.0, 2.0), "take_share": (0.5, 0.6)}, r"take_share \[0\.5, 0\.6\] sums to 1\.1"),
        ({**NO_STOP, "break_even": 1.0}, r"break_even counts in R"),
        ({**NO_STOP, "trail_from": (1.0,), "trail_by": (1.0,)}, r"trail_from counts in R"),
        ({**NO_STOP, "take_profit": (1.0,), "take_share": (1.0,)}, r"take_profit counts in R"),
        ({**NO_STOP, "time_hours": 4.0, "time_profit": -0.5}, r"time_profit counts in R"),
    ],
)
def test_what_does_not_fit_is_refused(stops: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        require_consistent(Stops(**stops))


@pytest.mark.parametrize(
    "stops",
    [
        {},
        NO_STOP,
        {**NO_STOP, "time_hours": 4.0},  # no profit asked for: it leaves at a loss
        {"take_profit": (1.0, 2.0, 3.0, 4.0), "take_share": (0.1, 0.2, 0.3, 0.4)},  # dust above 1 is forgiven
        {"trail_from": (1.0, 2.0), "trail_by": (0.5, 1.0)},
        {**NO_STOP, "volatility": 2.0, "break_even": 1.0},
        {**NO_STOP, "box_days": 2.0, "time_hours": 4.0, "time_profit": 1.0},
    ],
)
def test_what_fits_passes(stops: dict[str, Any]) -> None:
    given = Stops(**stops)
    require_consistent(given)
    assert validated(BacktestSpec(stops=given)).stops == given


@pytest.mark.parametrize("name", ["fixed", "atr", "trailing", "trailing_atr", "volatility", "box_days"])
def test_any_stop_defines_the_risk(name: str) -> None:
    assert defines_risk(Stops(**{**NO_STOP, name: 0.5}))  # type: ignore[arg-type]
    assert not defines_risk(Stops(**NO_STOP))
