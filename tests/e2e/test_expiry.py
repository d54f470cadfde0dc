"""Payments that wait too long: they are closed at the gateway and end `canceled`. Time is made to pass in the database, as the service's clock is nobody's to move."""

import sqlite3
from contextlib import closing
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from server.commands.cards import card
from server.commands.rest_client import RestClient
from server.commands.sandbox_client import SandboxClient
from tests.e2e.installation import Installation
from tests.e2e.wishes import authorised, paid, settled

_A_MONTH_IN_MICROSECONDS = 30 * 24 * 3600 * 1_000_000
_CLOSED_WITHIN_SECONDS = 20

Story = tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]


def a_month_passes(installation: Installation, payment_id: str) -> None:
    """What was to happen to the payment within a month is due."""
    with closing(sqlite3.connect(installation.database, timeout=10)) as database, database:
        for change in (
            "UPDATE payments SET expires_at = expires_at - ? WHERE id = ?",
            "UPDATE jobs SET due_at = due_at - ? WHERE id = ? AND kind = 'expire_payment'",
        ):
            changed = database.execute(change, (_A_MONTH_IN_MICROSECONDS, UUID(payment_id).bytes))
            assert changed.rowcount == 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stories(rest: RestClient, sandbox: SandboxClient, installation: Installation) -> dict[str, Story]:
    """An authorisation that nobody captures, and a challenge that nobody passes: before, after, and at the gateway."""
    waiting = {
        "authorised": await authorised(rest),
        "challenged": await paid(rest, payment_method=card("4000002760003184")),
    }
    for payment in waiting.values():
        a_month_passes(installation, payment["id"])
    return {name: await _closed(rest, sandbox, payment) for name, payment in waiting.items()}


async def _closed(rest: RestClient, sandbox: SandboxClient, payment: dict[str, Any]) -> Story:
    became = await settled(rest, payment["id"], _CLOSED_WITHIN_SECONDS, underway=("pending", "processing"))
    return payment, became, await sandbox.payments(payment["reference"])


@pytest.mark.parametrize("name", ["authorised", "challenged"])
async def test_what_waits_too_long_is_closed_at_the_gateway(stories: dict[str, Story], name: str) -> None:
    """Canceled on both sides: the money is released, and nobody can pay any more."""
    waiting, became, truth = stories[name]
    assert waiting["expires_at"] is not None
    assert (became["status"], became["captured"], became["failure_code"]) == ("canceled", False, None)
    assert (became["expires_at"], became["next_action"]) == (None, None)
    assert became["canceled_at"] is not None
    assert [(one["status"], one["captured_minor"]) for one in truth] == [("canceled", 0)]


async def test_what_was_paid_meanwhile_stays_paid(
    rest: RestClient, sandbox: SandboxClient, installation: Installation
) -> None:
    """The customer was faster than we: the gateway is asked, and the money counts."""
    payment = await paid(rest, payment_method=card("4000002760003184"))
    await sandbox.pay(payment["next_action"]["redirect_url"], "succeed")
    a_month_passes(installation, payment["id"])
    became = await settled(rest, payment["id"], _CLOSED_WITHIN_SECONDS, underway=("pending", "processing"))
    assert (became["status"], became["captured_amount"]) == ("succeeded", "59.49")
