"""Webhooks from outside: real payments, real HTTP, a receiver that fails in every way that receivers do."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from server.commands.rest_client import RestClient
from server.domain.webhook_signing import key_of
from tests.e2e.installation import Installation
from tests.e2e.polling import until
from tests.e2e.receiver import Received, Receiver, dies, never, receiving, status
from tests.e2e.wishes import paid, refusal

ENDPOINTS, EVENTS = "/api/v1/webhook_endpoints", "/api/v1/events"
CREATED, SUCCEEDED = "payment.created", "payment.succeeded"

# An event is numbered within a fifth of a second, and lanes open within a second; the machine may be busy.
_SOON = 10.0
# The first repeat comes after five seconds, a fifth more or less.
_AFTER_A_REPEAT = 20.0


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def endpoint(rest: RestClient, receiver: Receiver, path: str, *events: str) -> dict[str, Any]:
    """A new endpoint."""
    answer = await rest.post(ENDPOINTS, {"url": receiver.url(path), "events": list(events or ("*",))})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json
    return made


async def log_of(rest: RestClient, made: dict[str, Any], **query: str) -> list[dict[str, Any]]:
    answer = await rest.get(f"{ENDPOINTS}/{made['id']}/deliveries", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["data"]
    return found


@pytest_asyncio.fixture(autouse=True)
async def _no_endpoints_are_left(rest: RestClient) -> AsyncIterator[None]:
    yield
    for made in (await rest.get(ENDPOINTS, per_page=100)).json["data"]:
        assert (await rest.send("DELETE", f"{ENDPOINTS}/{made['id']}")).status == 204


async def test_a_payment_is_told_of(rest: RestClient, receiver: Receiver) -> None:
    """Signed, once each, with the body that REST answers for the event."""
    made = await endpoint(rest, receiver, "/ok")
    payment = await paid(rest)
    got = await until(lambda: _async(_told_of(receiver, payment)), lambda found: len(found) >= 2, _SOON)
    assert sorted(one.event["type"] for one in got) == [CREATED, SUCCEEDED]
    for one in got:
        assert one.verifies(made["secret"])
        assert one.headers["content-type"] == "application/json"
        assert (await rest.get(f"{EVENTS}/{one.event['id']}")).body == one.body
    events = {one.event["id"] for one in got}
    log = await until(
        lambda: _log_of_events(rest, made, events),
        lambda found: {one["status"] for one in found} == {"succeeded"},
        _SOON,
    )
    assert [(one["attempts"], one["response_status"], one["failure_reason"]) for one in log] == [(1, 200, None)] * 2
    assert len(_told_of(receiver, payment)) == 2
    listed = (await rest.get(EVENTS, object_id=payment["id"])).json
    assert [one["sequence"] for one in listed["data"]] == [2, 1]
    assert listed["pagination"]["total"] == 2


async def test_endpoints_that_fail_are_tried_again_and_hold_up_nobody(rest: RestClient, receiver: Receiver) -> None:
    """One is slow, one dies, one redirects, one answers 500: what each says is in its log, and the good one has had its events long before."""
    receiver.answers |= {"/slow": never, "/dies": dies, "/fails": status(500)}
    receiver.answers["/moved"] = status(307, Location=receiver.url("/secret-place"))
    bad = {path: await endpoint(rest, receiver, path, CREATED) for path in ("/slow", "/dies", "/fails", "/moved")}
    good = await endpoint(rest, receiver, "/good", CREATED)
    for _ in range(3):
        await paid(rest)
    await until(lambda: _async(receiver.at("/good")), lambda found: len(found) == 3, _SOON)
    log = await log_of(rest, good)
    assert {one["status"] for one in log} <= {"succeeded", "pending"}
    receiver.answers["/fails"] = status(200)
    await until(
        lambda: log_of(rest, bad["/fails"]),
        lambda found: {one["status"] for one in found} == {"succeeded"},
        _AFTER_A_REPEAT,
    )
    repeats = [one.headers["webhook-id"] for one in receiver.at("/fails")]
    assert len(set(repeats)) == 3 < len(repeats)
    said = {path: {one["failure_reason"] for one in await log_of(rest, bad[path])} - {None} for path in bad}
    assert said["/dies"] == {"the endpoint hung up before it answered"}
    assert said["/moved"] == {"the endpoint answered 307"}
    assert receiver.at("/secret-place") == []


async def test_gone_switches_an_endpoint_off(rest: RestClient, receiver: Receiver) -> None:
    """At once, and the audit log tells of it; the merchant may switch it on again."""
    receiver.answers["/gone"] = status(410)
    made = await endpoint(rest, receiver, "/gone", CREATED)
    await paid(rest)
    path = f"{ENDPOINTS}/{made['id']}"
    await until(lambda: _json(rest, path), lambda found: found["status"] == "disabled", _SOON)
    told = (await rest.get("/api/v1/audit_log", action="webhook_endpoint.disabled")).json["data"]
    assert "410" in json.dumps(told[0])
    again = await rest.send("PATCH", path, b'{"status": "enabled"}', {"Content-Type": "application/json"})
    assert (again.status, again.json["status"]) == (200, "enabled")


async def test_both_secrets_sign_while_they_overlap(rest: RestClient, receiver: Receiver) -> None:
    """And none but the new one without an overlap."""
    made = await endpoint(rest, receiver, "/turned", CREATED)
    path = f"{ENDPOINTS}/{made['id']}/rotate_secret"
    second = (await rest.post(path, {})).json["secret"]
    await paid(rest)
    (both,) = await until(lambda: _async(receiver.at("/turned")), lambda found: len(found) == 1, _SOON)
    assert both.verifies(made["secret"])
    assert both.verifies(second)
    third = (await rest.post(path, {"overlap_seconds": 0})).json["secret"]
    await paid(rest)
    (_, alone) = await until(lambda: _async(receiver.at("/turned")), lambda found: len(found) == 2, _SOON)
    assert [alone.verifies(secret) for secret in (made["secret"], second, third)] == [False, False, True]
    assert len(key_of(third)) >= 24


async def test_a_secret_is_shown_once_and_replayed_under_its_key(rest: RestClient, receiver: Receiver) -> None:
    """Reading shows none; the same call again shows the same answer, byte for byte, and makes nothing."""
    body = {"url": receiver.url("/key"), "events": ["*"]}
    first, second = [await rest.post(ENDPOINTS, body, "one-endpoint") for _ in range(2)]
    assert first.body == second.body
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "secret" not in (await rest.get(f"{ENDPOINTS}/{first.json['id']}")).json
    listed = (await rest.get(ENDPOINTS)).json["data"]
    assert [("secret" in one) for one in listed if one["id"] == first.json["id"]] == [False]


async def test_a_test_answers_how_it_went(rest: RestClient, receiver: Receiver) -> None:
    """At once."""
    made = await endpoint(rest, receiver, "/tested")
    answer = await rest.post(f"{ENDPOINTS}/{made['id']}/test", {})
    assert (answer.status, answer.json["status"], answer.json["response_status"]) == (200, "succeeded", 200)
    (got,) = receiver.at("/tested")
    assert got.verifies(made["secret"])
    assert got.event["type"] == "webhook_endpoint.test"
    receiver.answers["/tested"] = status(503)
    failed = (await rest.post(f"{ENDPOINTS}/{made['id']}/test", {})).json
    assert (failed["status"], failed["response_status"], failed["next_attempt_at"]) == ("failed", 503, None)


async def test_events_are_sent_again(rest: RestClient, receiver: Receiver) -> None:
    """One by its id, and a range; under their own ids."""
    made = await endpoint(rest, receiver, "/again", CREATED)
    payment = await paid(rest)
    (first,) = await until(lambda: _async(receiver.at("/again")), lambda found: len(found) == 1, _SOON)
    event = first.event
    one = await rest.post(f"{EVENTS}/{event['id']}/redeliver", {"endpoint_id": made["id"]})
    assert (one.status, one.json) == (200, {"deliveries": 1})
    await until(lambda: _async(receiver.at("/again")), lambda found: len(found) == 2, _SOON)
    wanted = {"created_after": "2024-01-01T00:00:00Z", "type": CREATED, "endpoint_id": made["id"], "failed_only": True}
    count = (await rest.post(f"{EVENTS}/redeliver", wanted)).json["deliveries"]
    got = await until(lambda: _async(receiver.at("/again")), lambda found: len(found) == 2 + count, _SOON * 3)
    assert [one.event["data"]["object"]["id"] for one in got].count(payment["id"]) == 2
    assert len({one.headers["webhook-id"] for one in got[2:]}) == count


@pytest.mark.parametrize(
    "url", ["https://10.0.0.1/", "https://localhost.localdomain/x", "http://example.com/", "ftp://a.b/"]
)
async def test_addresses_that_nobody_should_call_are_refused(rest: RestClient, url: str) -> None:
    """Whatever development allows besides."""
    told = refusal(await rest.post(ENDPOINTS, {"url": url, "events": ["*"]}))
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")


async def test_what_is_not_there_is_not_found(rest: RestClient) -> None:
    """Ids in another form than ours included."""
    for path in ("we_1", "we_" + "0" * 32, "00000000-0000-7000-8000-000000000000"):
        assert refusal(await rest.get(f"{ENDPOINTS}/{path}")).code == "WEBHOOK_ENDPOINT_NOT_FOUND"
    for path in ("evt_1", "evt_" + "0" * 32):
        assert refusal(await rest.get(f"{EVENTS}/{path}")).code == "EVENT_NOT_FOUND"
        assert refusal(await rest.post(f"{EVENTS}/{path}/redeliver", {})).code == "EVENT_NOT_FOUND"
    assert refusal(await rest.get(f"{EVENTS}:watch", cursor="evt_" + "0" * 32)).code == "EVENT_NOT_FOUND"


async def test_no_secret_is_in_a_log_or_plain_in_the_database(
    rest: RestClient, receiver: Receiver, installation: Installation
) -> None:
    """Not even under the idempotency key that it was made with."""
    body = {"url": receiver.url("/quiet"), "events": ["*"]}
    made = (await rest.post(ENDPOINTS, body, "a-quiet-endpoint")).json
    await rest.post(f"{ENDPOINTS}/{made['id']}/test", {})
    key = made["secret"].removeprefix("whsec_")
    kept = [installation.log.read_bytes()]
    kept += [path.read_bytes() for path in installation.data_dir.glob("sycee.db*")]
    for place in kept:
        assert key.encode() not in place
        assert key_of(made["secret"]) not in place


def _told_of(receiver: Receiver, payment: dict[str, Any]) -> list[Received]:
    """What the endpoint for everything was told of one payment; disputes and settlements of other payments happen beside it."""
    return [one for one in receiver.at("/ok") if one.event["data"]["object"]["id"] == payment["id"]]


async def _log_of_events(rest: RestClient, made: dict[str, Any], events: set[str]) -> list[dict[str, Any]]:
    return [one for one in await log_of(rest, made) if one["event_id"] in events]


async def _async(found: list[Any]) -> list[Any]:
    await asyncio.sleep(0)
    return found


async def _json(rest: RestClient, path: str) -> dict[str, Any]:
    found: dict[str, Any] = (await rest.get(path)).json
    return found
