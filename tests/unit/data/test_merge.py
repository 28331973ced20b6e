import numpy as np

from geobuk.data.merge import merge
from geobuk.data.rows import Rows, no_rows
from geobuk.domain.times import NS_PER_HOUR


def rows(hours: list[int], rates: list[float]) -> Rows:
    return Rows(NS_PER_HOUR * np.array(hours), {"rate": np.array(rates)}, np.zeros(len(hours), dtype=np.uint32))


def test_the_first_rows_of_a_series_are_all_new() -> None:
    new = rows([0, 8], [0.1, 0.2])
    merged = merge(no_rows("funding"), new, "funding", "A")
    assert (merged.rows, merged.added, merged.known, merged.conflicts) == (new, 2, 0, 0)


def test_overlapping_rows_join_in_order_of_time() -> None:
    merged = merge(rows([0, 16], [0.1, 0.3]), rows([8, 16, 24], [0.2, 0.3, 0.4]), "funding", "A")
    assert merged.rows.values["rate"].tolist() == [0.1, 0.2, 0.3, 0.4]
    assert (merged.added, merged.known, merged.findings) == (2, 1, ())


def test_a_contradiction_keeps_the_stored_row_and_is_reported() -> None:
    merged = merge(rows([0, 8], [0.1, 0.2]), rows([8], [0.9]), "funding", "A")
    assert merged.rows.values["rate"].tolist() == [0.1, 0.2]
    assert [(f.code, f.consequence, f.count) for f in merged.findings] == [("CONFLICT", "pass", 1)]


def test_rounding_of_another_source_is_no_contradiction() -> None:
    assert merge(rows([0], [0.1]), rows([0], [0.1 * (1 + 1e-12)]), "funding", "A").conflicts == 0


def test_a_contradiction_names_the_source_that_disagrees() -> None:
    merged = merge(rows([0, 8], [0.1, 0.2]), rows([0, 8], [0.1, 0.9]), "funding", "A", source="bybit.csv")
    assert merged.findings[0].text.startswith(
        "A funding: row of bybit.csv contradicts the stored one, which was kept ("
    )
