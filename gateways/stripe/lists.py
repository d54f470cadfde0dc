"""Reads Stripe's lists: to their end or not at all where one that is cut off proves nothing, and its search lags behind."""

from collections.abc import AsyncIterator, Awaitable
from typing import TypeVar

import stripe

Listed = TypeVar("Listed", bound=stripe.StripeObject)

PAGE = 100
"""The most that Stripe gives at once."""

_MOST = 5_000


class TooMany(TimeoutError):
    """More than there is time to read."""


async def entries(listing: Awaitable[stripe.ListObject[Listed]]) -> AsyncIterator[Listed]:
    """Page after page, newest first. Raises TooMany."""
    count = 0
    async for entry in (await listing).auto_paging_iter():
        yield entry
        count += 1
        if count == _MOST:
            # The next one would be on another page.
            raise TooMany


async def newest(listing: Awaitable[stripe.ListObject[Listed]], most: int) -> list[Listed]:
    """No more than `most`, newest first, where each entry stands for itself."""
    found: list[Listed] = []
    async for entry in (await listing).auto_paging_iter():
        found.append(entry)
        if len(found) == most:
            # The next one would be on another page.
            break
    return found
