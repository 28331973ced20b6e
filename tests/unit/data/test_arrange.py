import numpy as np

from geobuk.data.arrange import arrange, moment_of
from geobuk.data.findings import FINDINGS
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR

MS = 1_000_000


def funding_rows(at_ns: list[int], rates: list[float]) -> Rows:
    return Rows(np.array(at_ns), {"rate": np.array(rates)}, np.zeros(len(at_ns), dtype=np.uint32))


def test_good_rows_pass_untouched() -> None:
    rows = funding_rows([0, NS_PER_HOUR], [0.1, 0.2])
    assert arrange(rows, "funding", "A") == (rows, [])


def test_backward_time_is_sorted_and_reported() -> None:
    rows, findings = arrange(funding_rows([0, 2 * NS_PER_HOUR, NS_PER_HOUR], [0.1, 0.3, 0.2]), "funding", "A")
    assert rows.values["rate"].tolist() == [0.1, 0.2, 0.3]
    assert [(f.code, f.consequence, f.count, f.first_at_ns) for f in findings] == [("ORDER", "pass", 1, NS_PER_HOUR)]


def test_identical_copies_are_dropped_and_reported() -> None:
    rows, findings = arrange(funding_rows([0, 0, 0, NS_PER_HOUR], [0.1, 0.1, 0.1, 0.2]), "funding", "A")
    assert rows.at_ns.tolist() == [0, NS_PER_HOUR]
    assert not rows.mask.any()
    assert [(f.code, f.count) for f in findings] == [("DUPLICATE", 2)]


def test_missing_values_are_identical_too() -> None:
    rows, findings = arrange(funding_rows([0, 0], [np.nan, np.nan]), "funding", "A")
    assert len(rows) == 1
    assert [f.code for f in findings] == ["DUPLICATE"]


def test_contradicting_rows_leave_one_that_is_marked() -> None:
    rows, findings = arrange(funding_rows([0, 0, 0, NS_PER_HOUR], [0.1, 0.1, 0.5, 0.2]), "funding", "A")
    assert rows.mask.tolist() == [FINDINGS["DUPLICATE_CONFLICT"].bit, 0]
    assert findings == []


def test_funding_stamps_milliseconds_after_the_hour_are_one_moment() -> None:
    stamps = np.array([8 * NS_PER_HOUR, 8 * NS_PER_HOUR + 29 * MS])
    assert moment_of(stamps, "funding").tolist() == [8 * NS_PER_HOUR] * 2
    assert moment_of(stamps, "bars").tolist() == stamps.tolist()
    rows, _ = arrange(funding_rows(stamps.tolist(), [0.1, 0.1]), "funding", "A")
    assert len(rows) == 1
