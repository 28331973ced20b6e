"""Who is chosen, who is not, and why; nothing of it may depend on what came later."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.support.markets import instrument, random_walk
from tests.unit.research.universe_markets import AT, SPEC, Name, market, names, risk, rules

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import TickBand
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import FLOAT_FIELDS, Panel
from geobuk.research.scramble import scramble_future
from geobuk.research.universe import Candidate, Universe, select_universe
from geobuk.research.universe_reasons import remark
from geobuk.research.universe_spec import UniverseSpec, UniverseWeights
from geobuk.research.universe_trial import Background

TWENTY = names(20)


def choice(
    listed: list[Name],
    panel: Panel | None = None,
    *,
    spec: UniverseSpec = SPEC,
    capital: float = 100_000.0,
    at_ns: int = AT,
    **background: Any,
) -> Universe:
    panel = market(listed) if panel is None else panel
    return select_universe(panel, rules(listed), at_ns, risk(capital), spec, Background(**background))


def spec(**changes: Any) -> UniverseSpec:
    return msgspec.structs.replace(SPEC, **changes)


def of(universe: Universe, name: str) -> Candidate:
    return next(one for one in universe.candidates if one.instrument == name)


def vetoes(universe: Universe, name: str) -> list[str]:
    return [one.code for one in of(universe, name).reasons_against if one.is_veto]


def column(panel: Panel, name: str, **values: Any) -> Panel:
    """The panel with one instrument's arrays replaced from values or functions of them."""
    place, arrays = panel.index_of(name), {}
    for field, value in values.items():
        array = getattr(panel, field).copy()
        array[:, place] = value(array[:, place]) if callable(value) else value
        arrays[field] = array
    return replace(panel, **arrays)


def test_the_best_are_chosen_up_to_the_number_asked_for() -> None:
    found = choice(TWENTY, spec=spec(count=12, diversity_points=0.0))
    assert len(found.chosen) == 12
    assert set(found.chosen) == {one.name for one in TWENTY[:12]}
    points = [one.points for one in found.candidates if one.is_chosen]
    assert points == sorted(points, reverse=True)
    assert {one.taken_off for one in found.candidates} == {0.0}
    assert [one.rank for one in found.candidates] == list(range(1, 21))
    assert found.candidates[12].reasons_against[-1].code == "RANK"


def test_what_comes_later_changes_nothing() -> None:
    panel = market(TWENTY)
    known = choice(TWENTY, panel)
    for seed in range(3):
        other = scramble_future(panel, 199, np.random.default_rng(seed))
        assert repr(choice(TWENTY, other)) == repr(known)
    assert repr(choice(TWENTY, panel.rows(0, 200))) == repr(known)


def test_what_comes_before_does_change_it() -> None:
    panel = market(TWENTY)
    other = scramble_future(panel, 190, np.random.default_rng(1))
    assert repr(choice(TWENTY, other)) != repr(choice(TWENTY, panel))


def test_a_bar_that_had_not_closed_does_not_count() -> None:
    panel = market(TWENTY)
    before = choice(TWENTY, panel, at_ns=AT + NS_PER_DAY - 1)
    at = choice(TWENTY, panel, at_ns=AT + NS_PER_DAY)
    assert before.candidates[0].measures is not None
    assert {one.instrument: one.measures.price for one in before.candidates if one.measures} == {
        name: panel.close[199, n] for n, name in enumerate(panel.instruments)
    }
    assert {one.instrument: one.measures.price for one in at.candidates if one.measures} == {
        name: panel.close[200, n] for n, name in enumerate(panel.instruments)
    }


def spoiled(panel: Panel) -> dict[str, Panel]:
    """The market with one thing wrong about A05; the code of the veto is the key."""
    place = panel.index_of("A05")
    rows = np.arange(panel.shape[0])
    still = dict.fromkeys(("open", "high", "low", "close"), np.where(rows % 2 == 0, 100.0, 100.01))
    masked, silent, empty = (panel.tradable.copy() for _ in range(3))
    masked[150:160, place] = False
    silent[190:, place] = False
    without = {name: np.where(rows < 150, np.nan, getattr(panel, name)[:, place]) for name in FLOAT_FIELDS}
    empty[:150, place] = False
    return {
        "TURNOVER": column(panel, "A05", volume=lambda volume: volume / 1e3),
        "DATA": replace(panel, tradable=masked),
        "SILENT": replace(panel, tradable=silent),
        "ZERO_VOLUME": column(panel, "A05", volume=lambda volume: np.where(rows % 10 == 0, 0.0, volume)),
        "VOLATILITY": column(panel, "A05", **still),
        "TOO_VOLATILE": column(panel, "A05", close=lambda close: close * np.where(rows % 2 == 0, 1.0, 1.6)),
        "SPREAD": column(panel, "A05", high=110.0, low=100.0, close=np.where(rows % 2 == 0, 100.1, 109.9)),
        "AGE": replace(column(panel, "A05", **without), tradable=empty),
    }


@pytest.mark.parametrize("code", sorted(spoiled(market(TWENTY))))
def test_each_limit_refuses_by_itself(code: str) -> None:
    panel = market(TWENTY)
    assert vetoes(choice(TWENTY, panel), "A05") == []
    found = choice(TWENTY, spoiled(panel)[code])
    assert code in vetoes(found, "A05")
    assert not of(found, "A05").is_chosen
    assert of(found, "A05").rank is None
    if code not in {"TOO_VOLATILE", "SPREAD", "SILENT"}:
        assert vetoes(found, "A05") == [code]


def test_a_refusal_names_value_and_limit() -> None:
    panel = market(TWENTY)
    found = of(choice(TWENTY, spoiled(panel)["TURNOVER"]), "A05")
    (why,) = (one for one in found.reasons_against if one.is_veto)
    assert found.measures is not None
    assert (why.value, why.limit) == (found.measures.liquidity, 5e6)
    assert why.text.startswith("only ")
    assert "at least 5.0 M are asked" in why.text
    assert "500만" in why.text_ko


def test_funding_that_is_too_dear_refuses_and_unknown_funding_only_speaks_against() -> None:
    listed = names(12)
    panel = replace(market(listed), funding_hours=np.full(12, 8, dtype=np.int64))
    dear = column(panel, "A01", funding=0.002, funding_inside=0.004)
    found = choice(listed, dear)
    assert vetoes(found, "A01") == ["FUNDING"]
    assert vetoes(found, "A02") == []
    assert [one.code for one in of(found, "A02").reasons_against if not one.is_veto] == ["FUNDING"]
    assert "NO_FUNDING" in [one.code for one in found.notes]
    assert choice(listed, dear, spec=spec(needs_funding=True)).chosen == ()


def test_a_coarse_tick_refuses() -> None:
    listed = [*names(12), Name("COARSE", rules=(("ticks", (TickBand(Decimal(0), Decimal(5)),)),))]
    assert vetoes(choice(listed), "COARSE") == ["TICK"]


def test_an_instrument_without_rules_is_refused_and_the_others_are_not() -> None:
    known = rules(names(12))
    del known["A03"]
    found = select_universe(market(names(12)), known, AT, risk(), SPEC)
    assert vetoes(found, "A03") == ["RULES"]
    assert len(found.chosen) == 11


def test_names_not_listed_at_the_moment_are_refused() -> None:
    panel = market(TWENTY)
    is_listed = ~np.isin(panel.instruments, ("A05", "A07"))
    found = choice(TWENTY, panel, is_listed=is_listed)
    assert vetoes(found, "A05") == vetoes(found, "A07") == ["MEMBER"]
    assert vetoes(found, "A06") == []


def test_a_pool_of_survivors_is_told() -> None:
    assert "SURVIVORS" not in [one.code for one in choice(TWENTY).notes]
    assert "SURVIVORS" in [one.code for one in choice(TWENTY, are_survivors=True).notes]


def test_a_name_whose_first_bar_comes_later_has_no_bars_yet() -> None:
    panel = market(TWENTY)
    rows = np.arange(panel.shape[0]) < 205
    hidden = {name: np.where(rows, np.nan, getattr(panel, name)[:, 4]) for name in FLOAT_FIELDS}
    later = column(panel, "A05", tradable=~rows, **hidden)
    found = choice(TWENTY, later)
    assert vetoes(found, "A05") == ["BARS"]


def test_a_listing_date_beats_the_first_bar() -> None:
    young = choice(TWENTY, listed_ns={"A05": AT - 10 * NS_PER_DAY})
    assert vetoes(young, "A05") == ["AGE"]
    old = choice(TWENTY, market(TWENTY).rows(150, 260), listed_ns={"A05": AT - 900 * NS_PER_DAY})
    assert vetoes(old, "A05") == ["HISTORY"]
    assert vetoes(old, "A06") == ["AGE"]


def test_absent_names_are_told_with_their_reason() -> None:
    why = remark("QUARANTINED", is_veto=True, detail="more than 5 % bad rows")
    found = choice(names(12), absent={"BAD": why})
    last = found.candidates[-1]
    assert (last.instrument, last.measures, last.is_chosen) == ("BAD", None, False)
    assert last.reasons_against == (why,)
    assert why.text == "its bars are quarantined: more than 5 % bad rows"


def test_small_capital_is_shared_by_as_many_as_each_get_enough() -> None:
    """Every number of sharers but the one found fails: more can't be afforded, and fewer is not what was asked."""
    listed = [replace(one, rules=(("min_notional", Decimal(10 + 40 * (n // 10))),)) for n, one in enumerate(names(20))]
    found = choice(listed, capital=1_200.0)
    chosen = [one for one in found.candidates if one.is_chosen]
    assert 10 < len(chosen) < 15
    assert all(one.fit is not None and one.fit.position >= one.fit.smallest_order for one in chosen)
    assert {one.fit.believers for one in chosen if one.fit} == {len(chosen)}
    notes = {one.code: one.text for one in found.notes}
    assert "too few could be afforded if more shared the capital" in notes["FEWER"]
    dear = of(found, "A20")
    assert "AFFORDABLE" in vetoes(found, "A20")
    assert dear.fit is not None
    enough = choice(listed, capital=20 * dear.fit.capital_needed)
    assert len(enough.chosen) == 15


def test_fewer_than_ten_are_chosen_with_a_plain_statement() -> None:
    found = choice(names(6))
    assert len(found.chosen) == 6
    notes = {one.code: (one.text, one.text_ko) for one in found.notes}
    assert notes["FEWER"][0].startswith("6 chosen of the 15 asked for: no other instrument passes")
    assert notes["UNDER_LEAST"][0].startswith("a universe should have 10 names at least")
    assert "10종목" in notes["UNDER_LEAST"][1]


def test_none_is_chosen_when_none_qualifies_and_everyone_hears_why() -> None:
    found = choice(TWENTY, capital=1.0)
    assert found.chosen == ()
    assert all("AFFORDABLE" in vetoes(found, one.instrument) for one in found.candidates)


def test_a_twin_adds_nothing() -> None:
    panel = market(names(14))
    place = panel.index_of("A01")
    twin = {name: getattr(panel, name)[:, place] for name in ("open", "high", "low", "close")}
    found = choice(names(14), column(panel, "A02", **twin))
    assert "A02" not in found.chosen
    why = of(found, "A02").reasons_against[-1]
    assert (why.code, why.is_veto) == ("CORRELATION", False)
    assert why.value == pytest.approx(1.0)
    assert "A01" in why.text
    off = choice(names(14), column(panel, "A02", **twin), spec=spec(max_correlation=1.0, diversity_points=0.0))
    assert "A02" in off.chosen


def test_an_unlike_name_comes_before_a_slightly_better_one() -> None:
    listed = [*names(10, common=0.9), Name("LIKE", 1.5e8, common=0.9), Name("UNLIKE", 1.4e8, common=0.0)]
    order = choice(listed, spec=spec(count=11)).chosen
    assert order.index("UNLIKE") < 10
    likeness = {one.instrument: one.taken_off for one in choice(listed, spec=spec(count=11)).candidates}
    assert likeness[order[0]] == 0.0
    assert likeness["UNLIKE"] < 8.0 < likeness["LIKE"]
    plain = choice(listed, spec=spec(count=11, diversity_points=0.0)).chosen
    assert plain.index("LIKE") < 11
    assert "UNLIKE" not in plain


def test_a_sector_has_a_share_of_the_names_at_most() -> None:
    listed = [replace(one, rules=(("sector", "banks" if n < 8 else f"S{n}"),)) for n, one in enumerate(TWENTY)]
    found = choice(listed, spec=spec(count=10))
    assert sum(of(found, name).sector == "banks" for name in found.chosen) == 3
    full = next(one for one in found.candidates if not one.is_chosen and one.sector == "banks")
    assert full.reasons_against[-1].code == "SECTOR"
    assert "banks has 3 names already" in full.reasons_against[-1].text
    assert any(one.code == "SECTOR" for one in of(found, found.chosen[0]).reasons_for)


def test_names_held_already_get_a_bonus_and_no_pardon() -> None:
    panel = market(TWENTY)
    last = choice(TWENTY, panel, spec=spec(count=10, keep_points=30.0, held=("A15",)))
    assert "A15" in last.chosen
    assert "A15" not in choice(TWENTY, panel, spec=spec(count=10)).chosen
    assert "KEPT" in [one.code for one in of(last, "A15").reasons_for]
    thin = column(panel, "A15", volume=lambda volume: volume / 1e5)
    assert "A15" not in choice(TWENTY, thin, spec=spec(count=10, keep_points=100.0, held=("A15",))).chosen


def test_everybody_has_reasons_in_both_languages() -> None:
    panel = market(TWENTY)
    found = [choice(TWENTY, one) for one in spoiled(panel).values()]
    found.append(choice(TWENTY, capital=300.0))
    for candidate in (one for universe in found for one in universe.candidates):
        reasons = (*candidate.reasons_for, *candidate.reasons_against)
        assert reasons
        assert candidate.is_chosen == (
            candidate.rank is not None
            and not any(one.code in {"RANK", "SECTOR", "CORRELATION"} for one in candidate.reasons_against)
        )
        for one in reasons:
            assert one.text
            assert "{" not in one.text + one.text_ko
            assert any("가" <= letter <= "힣" for letter in one.text_ko)


def test_the_score_is_the_sum_of_its_parts() -> None:
    for candidate in choice(TWENTY).candidates:
        assert candidate.points == pytest.approx(sum(part.points for part in candidate.parts))
        assert sum(part.most for part in candidate.parts) == pytest.approx(100.0)
        assert all(0.0 <= part.value <= 1.0 for part in candidate.parts)
        assert "funding" not in {part.name for part in candidate.parts}


def test_a_weight_of_nothing_takes_a_part_out() -> None:
    nothing = dict.fromkeys(UniverseWeights.__struct_fields__, 0.0)
    only = UniverseWeights(**{**nothing, "turnover": 1.0})
    for candidate in choice(TWENTY, spec=spec(weights=only)).candidates:
        turnover = next(part for part in candidate.parts if part.name == "turnover")
        assert (candidate.points, turnover.most) == (turnover.points, 100.0)


def test_rules_read_later_are_told() -> None:
    notes = {one.code: one.text for one in choice(TWENTY).notes}
    assert "LATER_RULES" not in notes
    known = {name: replace(one, as_of=one.as_of.replace(year=2030)) for name, one in rules(TWENTY).items()}
    found = select_universe(market(TWENTY), known, AT, risk(), SPEC)
    assert "2030-01-01" in next(one.text for one in found.notes if one.code == "LATER_RULES")


def test_synthetic_data_is_told() -> None:
    panel = replace(market(TWENTY), is_synthetic=True)
    found = choice(TWENTY, panel)
    assert found.is_synthetic
    assert "SYNTHETIC" in [one.code for one in found.notes]


def test_hours_give_the_same_kind_of_choice() -> None:
    listed = names(12)
    panel = market(listed, bars=24 * 120, interval="1h")
    choice_of_hours = replace(risk(), decide_ns=NS_PER_HOUR)
    at_ns = int(panel.at_ns[-1]) + NS_PER_HOUR
    found = select_universe(panel, rules(listed), at_ns, choice_of_hours, SPEC)
    assert set(found.chosen) == {one.name for one in listed}
    assert found.candidates[0].measures is not None
    assert found.candidates[0].measures.age_days == 120.0


def test_a_moment_before_the_history_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"no bar of binance 1d had closed by 2024-01-01 12:00 UTC: choose a moment after"
    ):
        choice(TWENTY, at_ns=AT - 200 * NS_PER_DAY + 12 * NS_PER_HOUR)


def test_a_moment_long_after_the_history_is_refused() -> None:
    with pytest.raises(DataError, match=r"ends 2024-09-17 00:00 UTC, 40 days before 2024-10-27"):
        choice(TWENTY, at_ns=AT + 100 * NS_PER_DAY)
    assert choice(TWENTY, at_ns=AT + 70 * NS_PER_DAY).chosen


@pytest.mark.parametrize("seed", range(4))
def test_the_future_is_blind_in_markets_with_holes_too(seed: int) -> None:
    """Hours with masked and missing bars, one late listing, funding, and a moment in the middle of a day."""
    panel = random_walk(seed, 24 * 110, 5)
    known = {name: instrument(name) for name in panel.instruments}
    row = 24 * 100 + 5 * seed + 1
    at_ns = int(panel.at_ns[row]) + NS_PER_HOUR
    every_hour = replace(risk(1_000.0), decide_ns=NS_PER_HOUR)
    loose = spec(max_unusable=1.0, min_turnover_usd=0.0, max_volatility=100.0, max_spread=1.0)
    found = select_universe(panel, known, at_ns, every_hour, loose)
    other = scramble_future(panel, row, np.random.default_rng(seed))
    assert found.chosen
    assert repr(select_universe(other, known, at_ns, every_hour, loose)) == repr(found)
