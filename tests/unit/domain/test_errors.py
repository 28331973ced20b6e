"""Errors speak to a person: the value, the rule, the cure."""

import pytest

from geobuk.domain.errors import (
    BrokenInvariantError,
    DataError,
    FundingMissingError,
    GeobukError,
    LookAheadError,
    SettingsError,
    StorageError,
    StrategyError,
    UnknownNameError,
    UserError,
)


@pytest.mark.parametrize(
    "kind", [SettingsError, DataError, FundingMissingError, StrategyError, LookAheadError, StorageError]
)
def test_what_a_person_can_mend_is_a_user_error_with_a_cure(kind: type[UserError]) -> None:
    error = kind("the value is 7", cure="make it 5")
    assert isinstance(error, UserError)
    assert str(error) == "the value is 7: make it 5"
    assert (error.message, error.cure) == ("the value is 7", "make it 5")


def test_our_own_defects_are_no_user_errors() -> None:
    assert issubclass(BrokenInvariantError, GeobukError)
    assert not issubclass(BrokenInvariantError, UserError)


def test_without_a_cure_the_message_stands_alone() -> None:
    assert str(UserError("nothing to do")) == "nothing to do"


@pytest.mark.parametrize("typed", ["BTCUSD", "btcusdt", "BTCUSTD"])
def test_a_mistyped_name_is_answered_with_the_nearest(typed: str) -> None:
    error = UnknownNameError("instrument", typed, ["ETHUSDT", "BTCUSDT", "XRPUSDT"])
    assert error.suggestions[0] == "BTCUSDT"
    assert str(error).startswith(f"unknown instrument {typed!r}: did you mean BTCUSDT")


def test_a_name_like_none_is_answered_with_the_list() -> None:
    error = UnknownNameError("venue", "xyz", [f"name{n:02}" for n in range(15)], cure="import it first")
    assert error.suggestions == ()
    assert "and 3 more" in str(error)
    assert str(error).endswith("import it first")


def test_an_empty_list_is_said_to_be_empty() -> None:
    assert "none yet" in str(UnknownNameError("series", "BTCUSDT", []))
