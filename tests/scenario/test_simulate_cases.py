"""The runner of simulate_cases and exit_cases: each account must come out as its ledger says, to a billionth."""

from typing import Any

import numpy as np
import pytest
from tests.scenario.exit_cases import EXIT_CASES
from tests.scenario.simulate_cases import CASES, Case
from tests.support.markets import fill_rows, forecasts_of, panel_of, run, spec_of


def _panel_changes(case: Case) -> dict[str, Any]:
    """None in a hand-written series means that nothing is known there."""
    series = {"mark", "funding", "funding_inside"}
    return {
        name: [np.nan if v is None else v for v in value] if name in series else value
        for name, value in case.panel.items()
    }


ALL = (*CASES, *EXIT_CASES)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_account_comes_out_as_the_ledger_says(case: Case) -> None:
    panel = panel_of(*case.columns, **_panel_changes(case))
    result = run(panel, forecasts_of(*case.forecasts), spec_of(**case.spec), **case.rules)
    assert fill_rows(result) == [pytest.approx(fill, abs=1e-9) for fill in case.fills]
    np.testing.assert_allclose(result.equity, case.equity, rtol=0, atol=1e-8)
    assert result.cash[-1] == pytest.approx(case.cash, abs=1e-8)
    counts = {reason: int(result.refusals[reason].sum()) for reason in case.refused}
    assert counts == dict(case.refused)


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in ALL]
    assert len(set(names)) == len(names)
