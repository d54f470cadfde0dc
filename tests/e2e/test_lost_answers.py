"""Every fault of the network and the gateway, at every operation: no error of ours but the documented ones, and in the end the gateway's own truth."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from server.commands.dev_credentials import dev_credentials
from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from tests.e2e.installation import Installation
from tests.e2e.wishes import PAYMENTS, VISA, authorised, read, refusal, settled, wish

# Each fault, and for how many milliseconds if that is not its own to say. The time-outs are real ones: what takes longest comes first, so that less is left to wait for.
FAULTS: Mapping[str, int | None] = {
    "timeout_before": None,
    "timeout_after": None,
    "slow, beyond our time-out": 2500,
    "reset_after": None,
    "http_500": None,
    "rate_limit": None,
    "slow": 300,
}

# What the gateway says in time leaves nothing to find out.
IN_TIME = ("rate_limit", "slow")

# The 500 stays under the key and the gateway lists nothing: not proof enough to fail a payment.
UNDECIDED = ("pay", "http_500")

ENDS = {
    "pay": ("succeeded", "succeeded", 5949),
    "capture": ("succeeded", "succeeded", 5949),
    "cancel": ("canceled", "canceled", 0),
}
EVERY = [(operation, fault) for operation in ENDS for fault in FAULTS]
DECIDED = [case for case in EVERY if case != UNDECIDED]

# The first look comes after five seconds, the next one ten seconds later, and then after twenty and forty: on a busy machine the gateway's answers to some come too late.
_SETTLED_WITHIN_SECONDS = 100


@dataclass(frozen=True, slots=True)
class Story:
    """One call: what it was answered, what a cancel right after it and a repeat long after it were, what became of the payment, what the gateway says."""

    answer: Answer
    at_once: Answer
    repeat: Answer
    became: dict[str, Any]
    truth: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Errand:
    """A call that a fault awaits."""

    operation: str
    fault: str
    path: str
    body: Mapping[str, Any]

    async def run(self, rest: RestClient) -> Answer:
        return await rest.post(self.path, self.body, key=f"{self.operation}/{self.fault}".replace(" ", "_"))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stories(rest: RestClient, sandbox: SandboxClient) -> dict[tuple[str, str], Story]:
    """All of them: the three operations side by side, one fault after the other, and then one wait for all."""
    begun: list[tuple[_Errand, Answer, Answer]] = []
    # A notification would tell in time what the answer was.
    async with sandbox.without_callbacks():
        for fault, delay_ms in FAULTS.items():
            errands = await _errands(rest, fault)
            for errand in errands:
                await sandbox.fault(errand.operation, fault.partition(",")[0], delay_ms=delay_ms)
            answers = await asyncio.gather(*(errand.run(rest) for errand in errands))
            await sandbox.no_faults()
            at_once = await asyncio.gather(*(rest.post(f"{PAYMENTS}/{each.json['id']}/cancel") for each in answers))
            begun += zip(errands, answers, at_once, strict=True)
    told = await asyncio.gather(*(_ended(rest, sandbox, *each) for each in begun))
    return {(errand.operation, errand.fault): story for (errand, _, _), story in zip(begun, told, strict=True)}


async def _errands(rest: RestClient, fault: str) -> list[_Errand]:
    to_capture, to_cancel = [(await authorised(rest))["id"] for _ in range(2)]
    return [
        _Errand("pay", fault, PAYMENTS, wish()),
        _Errand("capture", fault, f"{PAYMENTS}/{to_capture}/capture", {}),
        _Errand("cancel", fault, f"{PAYMENTS}/{to_cancel}/cancel", {}),
    ]


async def _ended(rest: RestClient, sandbox: SandboxClient, errand: _Errand, answer: Answer, at_once: Answer) -> Story:
    if (errand.operation, errand.fault) == UNDECIDED:
        became = await read(rest, answer.json["id"])
    else:
        became = await settled(rest, answer.json["id"], _SETTLED_WITHIN_SECONDS)
    repeat = await errand.run(rest)
    return Story(answer, at_once, repeat, became, await sandbox.payments(became["reference"]))


@pytest.mark.parametrize(("operation", "fault"), EVERY)
async def test_a_fault_of_the_gateway_is_no_error(
    stories: dict[tuple[str, str], Story], operation: str, fault: str
) -> None:
    """Create answers 201, capture and cancel 200; `processing` where the answer was lost."""
    answer = stories[operation, fault].answer
    assert answer.status == (201 if operation == "pay" else 200)
    assert answer.json["status"] == (ENDS[operation][0] if fault in IN_TIME else "processing")


@pytest.mark.parametrize(("operation", "fault"), DECIDED)
async def test_the_end_agrees_with_the_gateway(
    stories: dict[tuple[str, str], Story], operation: str, fault: str
) -> None:
    """The background finds out, or completes it; there is one payment at the gateway, and nothing was taken twice."""
    story = stories[operation, fault]
    (truth,) = story.truth
    assert (story.became["status"], truth["status"], truth["captured_minor"]) == ENDS[operation]
    assert int(story.became["captured_amount"].replace(".", "")) == truth["captured_minor"]
    assert story.became["gateway_payment_id"] == truth["gateway_payment_id"]


async def test_what_nobody_can_know_stays_processing(stories: dict[tuple[str, str], Story]) -> None:
    """A 500 that the gateway keeps under the key, and no payment in its list: not failed by age, not charged again."""
    story = stories[UNDECIDED]
    assert (story.became["status"], story.became["captured"], story.truth) == ("processing", False, [])
    assert (story.became["gateway_payment_id"], story.became["failure_code"]) == (None, None)


@pytest.mark.parametrize(("operation", "fault"), EVERY)
async def test_nothing_else_can_be_done_meanwhile(
    stories: dict[tuple[str, str], Story], operation: str, fault: str
) -> None:
    """A second operation whose outcome could mix with the first is 409."""
    told = refusal(stories[operation, fault].at_once)
    assert (told.status, told.retry_safe) == (409, False)
    assert told.code in {"INVALID_STATE", "ALREADY_CAPTURED"}


@pytest.mark.parametrize(("operation", "fault"), EVERY)
async def test_a_repeat_gets_the_first_answer(
    stories: dict[tuple[str, str], Story], operation: str, fault: str
) -> None:
    """Byte for byte, `processing` included, long after the payment has gone on."""
    story = stories[operation, fault]
    assert (story.repeat.status, story.repeat.body) == (story.answer.status, story.answer.body)
    assert story.repeat.headers["Idempotent-Replayed"] == "true"


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(sandbox: SandboxClient) -> AsyncIterator[SandboxClient]:
    """The sandbox, free of faults after the test."""
    yield sandbox
    await sandbox.no_faults()


@pytest_asyncio.fixture(loop_scope="session")
async def single_use_token(service: Development, installation: Installation, http: aiohttp.ClientSession) -> str:
    """A `tok_...` that a browser has just made at the gateway."""
    key = dev_credentials(installation.data_dir).stripe_secret_key
    form = {"card[number]": VISA, "card[exp_month]": "12", "card[exp_year]": "2035", "card[cvc]": "123"}
    url = f"{service.sandbox}/stripe/v1/tokens"
    async with http.post(url, data=form, headers={"Authorization": f"Bearer {key}"}) as answer:
        made: dict[str, str] = await answer.json()
        return made["id"]


async def test_a_gateway_that_turns_every_call_away_is_unavailable(rest: RestClient, gateway: SandboxClient) -> None:
    """503 GATEWAY_UNAVAILABLE with when to come back, as nothing was sent; the same key can then be used again and charges once."""
    await gateway.fault("pay", "rate_limit", count=None)
    answer = await rest.post(PAYMENTS, wish(), key="turned-away")
    told = refusal(answer)
    assert (told.status, told.code, told.outcome, told.retry_safe) == (503, "GATEWAY_UNAVAILABLE", "not_sent", True)
    assert int(answer.headers["Retry-After"]) >= 1
    kept = await read(rest, told.details[0]["payment_id"])
    assert (kept["status"], kept["captured"], await gateway.payments(kept["reference"])) == ("failed", False, [])
    await gateway.no_faults()
    again = await rest.post(PAYMENTS, wish(), key="turned-away")
    assert (again.status, again.json["status"]) == (201, "succeeded")
    assert "Idempotent-Replayed" not in again.headers
    assert len(await gateway.payments(again.json["reference"])) == 1


async def test_a_token_for_one_use_is_not_used_up_by_a_call_that_was_turned_away(
    rest: RestClient, gateway: SandboxClient, single_use_token: str
) -> None:
    """The repeat under the same key gets what was made of the token before, so that it is as safe as it was said to be."""
    body = wish(payment_method={"type": "card", "token": single_use_token})
    await gateway.fault("pay", "rate_limit", count=None)
    assert refusal(await rest.post(PAYMENTS, body, key="one-use")).code == "GATEWAY_UNAVAILABLE"
    await gateway.no_faults()
    again = await rest.post(PAYMENTS, body, key="one-use")
    assert (again.status, again.json["status"]) == (201, "succeeded")
    other = refusal(await rest.post(PAYMENTS, body, key="another-use"))
    assert (other.status, other.code) == (400, "INVALID_PAYMENT_METHOD")


@pytest.mark.parametrize(("verb", "end"), [("capture", "succeeded"), ("cancel", "canceled")])
async def test_what_was_not_sent_leaves_the_authorisation_as_it_was(
    rest: RestClient, gateway: SandboxClient, verb: str, end: str
) -> None:
    """503, the payment is `pending` as before, and the call can simply be repeated."""
    payment = await authorised(rest)
    await gateway.fault(verb, "rate_limit", count=None)
    told = refusal(await rest.post(f"{PAYMENTS}/{payment['id']}/{verb}"))
    assert (told.status, told.code, told.outcome) == (503, "GATEWAY_UNAVAILABLE", "not_sent")
    assert (await read(rest, payment["id"]))["status"] == "pending"
    await gateway.no_faults()
    assert (await rest.post(f"{PAYMENTS}/{payment['id']}/{verb}")).json["status"] == end
