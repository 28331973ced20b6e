"""The panel: aligned arrays that refuse to be anything else."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from tests.support.markets import START_NS, flat_bars, panel_of

from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import Finding, Panel


def sample() -> Panel:
    return panel_of(flat_bars(100, 5), flat_bars(50, 5), [None, None, *flat_bars(10, 3)])


def test_shape_and_interval_are_named() -> None:
    assert sample().shape == (5, 3)
    assert sample().interval == "1h"


def test_an_array_of_another_shape_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"close has shape \(4, 3\), not \(5, 3\)"):
        replace(sample(), close=sample().close[:4])


@pytest.mark.parametrize("at_ns", [[0, 2, 1, 3, 4], [0, 1, 1, 2, 3]])
def test_times_that_do_not_increase_are_refused(at_ns: list[int]) -> None:
    with pytest.raises(DataError, match="strictly increasing"):
        replace(sample(), at_ns=np.array(at_ns))


def test_arrays_are_made_contiguous() -> None:
    panel = replace(sample(), close=np.asfortranarray(sample().close))
    assert panel.close.flags.c_contiguous


def test_a_panel_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        sample().venue = "elsewhere"  # type: ignore[misc]


def test_rows_are_views_of_the_same_bars() -> None:
    panel = sample()
    part = panel.rows(1, 4)
    assert part.shape == (3, 3)
    assert np.shares_memory(part.close, panel.close)
    assert part.at_ns.tolist() == panel.at_ns[1:4].tolist()


@pytest.mark.parametrize(
    ("start", "stop", "bars"), [(None, None, 5), (1, None, 4), (None, 4, 4), (2, 3, 1), (9, None, 0), (4, 2, 0)]
)
def test_between_includes_its_beginning_and_not_its_end(start: int | None, stop: int | None, bars: int) -> None:
    first = None if start is None else START_NS + start * NS_PER_HOUR
    last = None if stop is None else START_NS + stop * NS_PER_HOUR
    assert sample().between(first, last).shape == (bars, 3)


def test_between_takes_no_bar_that_opened_earlier() -> None:
    assert sample().between(START_NS + 1, None).at_ns[0] == START_NS + NS_PER_HOUR


def test_select_keeps_the_given_order_and_the_findings_that_belong() -> None:
    findings = tuple(Finding("GAP", name, "mask", 1, 0, 0, "a gap") for name in ("AUSDT", "BUSDT"))
    panel = replace(sample(), findings=findings, funding_hours=np.array([8, 4, 1]))
    part = panel.select(["CUSDT", "AUSDT"])
    assert part.instruments == ("CUSDT", "AUSDT")
    assert part.close[-1].tolist() == [10.0, 100.0]
    assert part.funding_hours.tolist() == [1, 8]
    assert [f.instrument for f in part.findings] == ["AUSDT"]


def test_an_unknown_instrument_is_answered_with_its_neighbours() -> None:
    with pytest.raises(UnknownNameError, match="did you mean AUSDT") as caught:
        sample().index_of("AUSD")
    assert "AUSDT" in caught.value.suggestions


def test_equal_content_has_equal_hashes() -> None:
    assert sample().content_hash == sample().content_hash
    assert sample().rows(0, 5).content_hash == sample().content_hash


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume", "mark", "funding", "funding_inside"])
def test_one_changed_number_changes_the_hash(name: str) -> None:
    panel = sample()
    array = getattr(panel, name).copy()
    array[3, 1] = 42.0
    assert replace(panel, **{name: array}).content_hash != panel.content_hash


def test_mask_names_and_origin_belong_to_the_hash() -> None:
    panel = sample()
    masked = panel.tradable.copy()
    masked[2, 2] = False
    others = [
        replace(panel, tradable=masked),
        replace(panel, instruments=("AUSDT", "BUSDT", "DUSDT")),
        replace(panel, is_synthetic=False),
        replace(panel, funding_hours=np.array([8, 0, 0])),
        replace(panel, at_ns=panel.at_ns + NS_PER_HOUR),
    ]
    assert len({panel.content_hash, *(other.content_hash for other in others)}) == 6
