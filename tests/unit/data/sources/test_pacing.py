"""A host's limits are kept to: by our own count, by the host's, and while it wants peace. Time is virtual."""

import asyncio

import pytest
from tests.support.virtual_time import run_virtually

from geobuk.data.sources.pacing import Allowance, Pacer


async def take(pacer: Pacer, times: int, weight: float = 1.0) -> None:
    await asyncio.gather(*(pacer.take(weight) for _ in range(times)))


def test_without_an_allowance_nobody_waits() -> None:
    assert run_virtually(take(Pacer(None), 1000))[1] == 0.0


def test_the_bucket_is_spent_at_once_and_refills_at_our_share() -> None:
    pacer = Pacer(Allowance(600, 60, share=0.5))
    assert run_virtually(take(pacer, 300))[1] == 0.0
    pacer = Pacer(Allowance(600, 60, share=0.5))
    assert run_virtually(take(pacer, 600))[1] == pytest.approx(60.0)


def test_weight_counts_and_more_than_the_bucket_is_owed() -> None:
    pacer = Pacer(Allowance(100, 10, share=1.0))
    assert run_virtually(take(pacer, 3, weight=150))[1] == pytest.approx(30.0)


def test_the_hosts_own_count_only_makes_us_slower() -> None:
    async def work() -> None:
        pacer = Pacer(Allowance(60, 60, share=1.0))
        pacer.spent_in_window(0)
        pacer.spent_in_window(50)
        await take(pacer, 10)
        pacer.spent_in_window(1)
        await take(pacer, 5)

    assert run_virtually(work())[1] == pytest.approx(5.0)


def test_a_host_that_wants_peace_gets_it() -> None:
    async def work() -> None:
        pacer = Pacer(None)
        pacer.rest(30)
        pacer.rest(10)
        await take(pacer, 5)

    assert run_virtually(work())[1] == pytest.approx(30.0)


def test_a_limit_that_the_host_names_holds_from_then_on() -> None:
    async def work() -> None:
        pacer = Pacer(Allowance(1000, 60, share=1.0))
        pacer.allow(Allowance(60, 60, share=1.0))
        await take(pacer, 90)

    assert run_virtually(work())[1] == pytest.approx(30.0)
