"""Stripe's lists are read to their end or not at all, but for those of which each entry stands for itself."""

import pytest
import stripe

from gateways.stripe.failures import Why, failure_of
from gateways.stripe.lists import PAGE, TooMany, entries, newest

MOST = 5_000


async def listing(count: int) -> stripe.ListObject[stripe.Refund]:
    """One page of so many, and no other behind it."""
    refunds = [{"id": f"re_{number}", "object": "refund"} for number in range(count)]
    fields = {"object": "list", "data": refunds, "has_more": False, "url": "/v1/refunds"}
    made = stripe.ListObject[stripe.Refund].construct_from(fields, "sk_test")
    assert isinstance(made, stripe.ListObject)
    return made


async def test_a_list_is_read_to_its_end() -> None:
    """The last one may be the one that is looked for."""
    assert [each.id async for each in entries(listing(PAGE))] == [f"re_{number}" for number in range(PAGE)]
    assert len([each async for each in entries(listing(MOST - 1))]) == MOST - 1


async def test_a_list_that_is_not_read_to_its_end_proves_nothing() -> None:
    """It is as if its answer were lost: what was not found may stand behind."""
    with pytest.raises(TooMany) as caught:
        _ = [each async for each in entries(listing(MOST))]
    assert failure_of(caught.value).why is Why.LOST


async def test_of_what_stands_for_itself_the_newest_will_do() -> None:
    """No more than is asked for, and all of what is less."""
    assert [each.id for each in await newest(listing(PAGE), 3)] == ["re_0", "re_1", "re_2"]
    assert len(await newest(listing(3), 3)) == len(await newest(listing(3), 4)) == 3
