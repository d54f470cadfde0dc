"""Stripe's idempotency keys at the simulated Stripe."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
import stripe
from aiohttp.test_utils import TestClient, TestServer

from sandbox.app import create_app
from tests.integration.stripe_sandbox import (
    CARDS_ONLY,
    SECRET_KEY,
    Sandbox,
    client_of,
    closing,
    sandbox,
    settings_of,
)

__all__ = ["sandbox"]

KEY: stripe.RequestOptions = {"idempotency_key": "order-7"}
PATH = "/stripe/v1/payment_intents"
FORM = {
    "amount": "2000",
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_visa",
    "allowed_payment_method_types[0]": "card",
}


async def post(
    sandbox: Sandbox, form: Mapping[str, str] = FORM, key: str = "order-7", path: str = PATH
) -> tuple[int, Mapping[str, str], bytes]:
    headers = {
        "Authorization": f"Bearer {SECRET_KEY}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": key,
    }
    async with sandbox.http.post(sandbox.url + path, data=urlencode(form), headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


async def count(sandbox: Sandbox) -> int:
    return len((await sandbox.v1.payment_intents.list_async({"limit": 100})).data)


async def test_a_repeat_gets_the_first_reply_byte_for_byte(sandbox: Sandbox) -> None:
    """One charge, the same body, marked as replayed, with a request id of its own."""
    first, second = await post(sandbox), await post(sandbox)
    assert (first[0], first[2]) == (second[0], second[2]) == (200, first[2])
    assert "Idempotent-Replayed" not in first[1]
    assert second[1]["Idempotent-Replayed"] == "true"
    assert second[1]["Original-Request"] == first[1]["Request-Id"] != second[1]["Request-Id"]
    assert await count(sandbox) == 1


async def test_other_parameters_under_the_same_key_are_refused(sandbox: Sandbox) -> None:
    """idempotency_error, and nothing is done."""
    await sandbox.pay(options=KEY)
    with pytest.raises(stripe.IdempotencyError) as caught:
        await sandbox.pay(amount=3000, options=KEY)
    body: Any = caught.value.error
    assert (caught.value.http_status, body.type) == (400, "idempotency_error")
    assert await count(sandbox) == 1


async def test_another_path_under_the_same_key_is_refused(sandbox: Sandbox) -> None:
    """A key belongs to one call, not only to its parameters."""
    intent = await sandbox.pay(capture_method="manual")
    await sandbox.v1.payment_intents.capture_async(intent.id, {}, KEY)
    with pytest.raises(stripe.IdempotencyError):
        await sandbox.v1.payment_intents.cancel_async(intent.id, {}, KEY)


async def test_a_decline_is_the_stored_result(sandbox: Sandbox) -> None:
    """A repeat of a declined call declines again without another charge."""
    form = {**FORM, "payment_method": "pm_card_visa_chargeDeclined"}
    first, second = await post(sandbox, form), await post(sandbox, form)
    assert first[0] == second[0] == 402
    assert first[2] == second[2]
    assert len((await sandbox.v1.charges.list_async()).data) == 1


async def test_a_refused_parameter_is_not_stored(sandbox: Sandbox) -> None:
    """After a validation error the key is free for the corrected call."""
    status, _, _ = await post(sandbox, {**FORM, "amount": "ten"})
    assert status == 400
    status, headers, _ = await post(sandbox)
    assert status == 200
    assert "Idempotent-Replayed" not in headers


async def test_a_refusal_by_state_is_stored(sandbox: Sandbox) -> None:
    """What execution itself answered is repeated, whatever has changed since."""
    intent = await sandbox.pay()
    path = f"{PATH}/{intent.id}/capture"
    first, second = await post(sandbox, {}, path=path), await post(sandbox, {}, path=path)
    assert first[0] == second[0] == 400
    assert second[1]["Idempotent-Replayed"] == "true"


async def test_a_key_in_use_is_409(sandbox: Sandbox) -> None:
    """While the first call runs, a second with its key is refused, and the key then replays the first."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=200)
    statuses = [(await reply)[0] for reply in asyncio.as_completed([post(sandbox), post(sandbox)])]
    assert sorted(statuses) == [200, 409]
    assert (await post(sandbox))[1]["Idempotent-Replayed"] == "true"
    assert await count(sandbox) == 1


async def test_the_sdk_s_retries_outlast_a_key_in_use(sandbox: Sandbox) -> None:
    """Forty parallel calls with one key make one payment: the SDK retries the 409s."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=50)
    options = {**KEY, "max_network_retries": 5}
    intents = await asyncio.gather(*(sandbox.pay(options=options) for _ in range(40)))
    assert len({intent.id for intent in intents}) == 1
    assert await count(sandbox) == 1


async def test_a_500_is_stored_though_nothing_was_done(sandbox: Sandbox) -> None:
    """The key replays the 500: whoever repeats the call learns nothing, as at Stripe."""
    await sandbox.arm("pay", "http_500", count=1)
    first, second = await post(sandbox), await post(sandbox)
    assert first[0] == second[0] == 500
    assert second[1]["Idempotent-Replayed"] == "true"
    assert await count(sandbox) == 0


async def test_a_rate_limit_is_not_stored(sandbox: Sandbox) -> None:
    """After 429 the same key does the call."""
    await sandbox.arm("pay", "rate_limit", count=1)
    assert (await post(sandbox))[0] == 429
    assert (await post(sandbox))[0] == 200


async def test_a_lost_reply_is_found_under_its_key(sandbox: Sandbox) -> None:
    """The connection is reset after the work is done; the repeat gets the reply that was lost."""
    await sandbox.arm("pay", "reset_after", count=1)
    with pytest.raises(aiohttp.ClientError):
        await post(sandbox)
    status, headers, _ = await post(sandbox)
    assert (status, headers["Idempotent-Replayed"]) == (200, "true")
    assert await count(sandbox) == 1


async def test_keys_belong_to_an_account(sandbox: Sandbox) -> None:
    """Another merchant's key of the same name is another key."""
    await sandbox.control("POST", "merchants", {"gateway": "stripe", "secret_key": "sk_test_another_merchant"})
    mine = await sandbox.pay(options=KEY)
    async with closing(client_of(sandbox.url, "sk_test_another_merchant")) as client:
        theirs = await client.v1.payment_intents.create_async(
            {"amount": 700, "currency": "usd", "automatic_payment_methods": CARDS_ONLY}, KEY
        )
    assert mine.id != theirs.id


async def test_a_key_counts_on_post_only(sandbox: Sandbox) -> None:
    """GET and DELETE ignore it."""
    first = await sandbox.pay()
    second = await sandbox.pay()
    for intent in (first, second):
        assert (await sandbox.v1.payment_intents.retrieve_async(intent.id, {}, KEY)).id == intent.id
    assert (await sandbox.pay(options=KEY)).id not in {first.id, second.id}


async def test_a_key_is_forgotten_after_a_day(tmp_path: Path) -> None:
    """Until 24 hours the reply is repeated, afterwards the call is done again."""
    clock = [1_800_000_000.0]
    app = create_app(settings_of(tmp_path), "http://127.0.0.1", lambda: clock[0])
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Idempotency-Key": "k"}
    async with TestClient(TestServer(app)) as client:
        ids = []
        for hours in (0, 23, 25):
            clock[0] = 1_800_000_000.0 + hours * 3600
            async with client.post(PATH, data=FORM, headers=headers) as answer:
                ids.append((await answer.json())["id"])
    assert ids[0] == ids[1] != ids[2]
