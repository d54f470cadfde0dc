"""Webhooks: each event reaches each endpoint that wants it, signed, under one id, for as long as it takes; and an endpoint that is dead hurts only itself."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from server.domain.audit import AuditAction
from server.domain.errors import ValidationError, WebhookEndpointNotFound
from server.domain.events import EventType
from server.domain.ids import prefixed
from server.domain.listing import DeliveryQuery, EndpointQuery
from server.domain.webhook import Answered, DeliveryStatus, EndpointStatus, NoAnswer
from server.domain.webhook_signing import signature
from server.operations.key_rotation import KeyRotation
from server.operations.webhook_commands import CreateWebhookEndpoint, RedeliverEvents, UpdateWebhookEndpoint
from server.operations.webhook_secrets import WebhookSecrets
from server.vault.envelope import EnvelopeVault
from tests.builders import A_CALLER, NOON, a_call, an_id
from tests.webhook_post import HOOK, Carried, Post

OTHER_HOOK = "https://other.example/hook"


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    yield Post()


def verifies(carried: Carried, secret: str) -> bool:
    """Whether a receiver with that secret believes it."""
    headers = carried.headers
    expected = signature(headers["webhook-id"], int(headers["webhook-timestamp"]), carried.body, secret)
    return expected in headers["webhook-signature"].split(" ")


async def test_an_event_is_sent_to_each_endpoint_that_takes_its_type(post: Post) -> None:
    """Once each, whatever its endpoint's neighbours take."""
    await post.open(HOOK)
    await post.open(OTHER_HOOK, "payment.succeeded", "refund.created")
    await post.happens()
    await post.happens(EventType.PAYMENT_SUCCEEDED, sequence=2)
    assert await post.send() == 3
    assert sorted(carried.url for carried in post.courier.carried) == [OTHER_HOOK, HOOK, HOOK]
    assert await post.send() == 0


async def test_a_webhook_is_signed_and_says_what_happened(post: Post) -> None:
    """The body is the event as REST answers it; the secret that was shown once verifies it."""
    shown = await post.open()
    event = await post.happens()
    await post.send()
    (carried,) = post.courier.carried
    assert verifies(carried, shown.secret)
    body = json.loads(carried.body)
    assert list(body) == ["id", "type", "created_at", "sequence", "data"]
    assert (body["id"], body["type"], body["sequence"]) == (prefixed("evt", event.id), "payment.created", 1)
    assert body["created_at"] == "2024-01-15T12:00:00Z"
    assert body["data"]["object"]["id"] == str(an_id(1))
    assert carried.headers["webhook-id"] == body["id"]


async def test_a_repeat_has_the_same_id_and_body_and_a_fresh_time(post: Post) -> None:
    """So that a receiver can tell a repeat from an event, and a replay from a repeat."""
    shown = await post.open()
    await post.happens()
    post.courier.replies[HOOK] = Answered(500)
    await post.send()
    post.courier.replies[HOOK] = Answered(200)
    await post.pass_time(timedelta(seconds=10))
    first, second = post.courier.carried
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(first.headers["webhook-timestamp"]) < int(second.headers["webhook-timestamp"])
    assert verifies(second, shown.secret)
    (delivery,) = post.deliveries()
    assert (delivery.status, delivery.attempts, delivery.failure_reason) == (DeliveryStatus.SUCCEEDED, 2, None)


async def test_a_dead_endpoint_is_tried_ten_times_and_given_up(post: Post) -> None:
    """Over about three days; it is not disabled before five."""
    endpoint = (await post.open()).endpoint
    await post.happens()
    post.courier.replies[HOOK] = NoAnswer("the endpoint could not be reached")
    await post.pass_time(timedelta(days=4))
    (delivery,) = post.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, 10)
    assert delivery.failure_reason == "the endpoint could not be reached"
    assert post.stored(endpoint).enabled


async def test_five_days_of_failure_disable_an_endpoint_and_are_told(post: Post) -> None:
    """One success in between starts the count anew; the audit log says why."""
    endpoint = (await post.open()).endpoint
    post.courier.replies[HOOK] = Answered(500)
    await post.happens(number=1)
    await post.pass_time(timedelta(days=4))
    post.courier.replies[HOOK] = Answered(200)
    await post.happens(number=2)
    await post.send()
    post.courier.replies[HOOK] = Answered(500)
    await post.happens(number=3)
    await post.pass_time(timedelta(days=4))
    await post.happens(number=4)
    await post.pass_time(timedelta(hours=23))
    assert post.stored(endpoint).enabled
    await post.pass_time(timedelta(days=1))
    assert not post.stored(endpoint).enabled
    told = [entry for entry in post.tables.audit.values() if entry.action is AuditAction.WEBHOOK_ENDPOINT_DISABLED]
    assert [(entry.object_id, entry.details["reason"]) for entry in told] == [
        (str(endpoint.id), "nothing was taken for 5 days")
    ]


async def test_an_endpoint_that_moves_has_not_failed_yet(post: Post) -> None:
    """Five days begin anew at its new address."""
    endpoint = (await post.open()).endpoint
    post.courier.replies[HOOK] = post.courier.replies[OTHER_HOOK] = Answered(500)
    await post.happens(number=1)
    await post.pass_time(timedelta(days=6))
    assert post.stored(endpoint).enabled
    await post.endpoints.update(a_call(1), UpdateWebhookEndpoint(endpoint.id, url=OTHER_HOOK))
    await post.happens(number=2)
    await post.send()
    assert post.stored(endpoint).enabled


async def test_rotated_operators_keys_still_open_the_secrets(post: Post) -> None:
    """Every data key is wrapped anew, these among them."""
    shown = await post.open()
    both = EnvelopeVault({"new": b"n" * 32, "test": bytes(32)})
    assert await KeyRotation(post.store, both).rotate(lambda _done, _left: None) == 1
    secrets = WebhookSecrets(EnvelopeVault({"new": b"n" * 32}), post.ids, bytes)
    endpoint = post.stored(shown.endpoint)
    assert await post.store.read(lambda tx: secrets.valid(tx, endpoint, NOON)) == [shown.secret]


async def test_410_disables_at_once(post: Post) -> None:
    """What happens then is not made out to it; switched on again, it gets what happens from then on."""
    endpoint = (await post.open()).endpoint
    post.courier.replies[HOOK] = Answered(410)
    await post.happens(number=1)
    await post.send()
    assert post.stored(endpoint).status is EndpointStatus.DISABLED
    await post.happens(number=2)
    assert await post.send() == 0
    assert len(post.deliveries()) == 1
    post.courier.replies[HOOK] = Answered(200)
    await post.endpoints.update(a_call(1), UpdateWebhookEndpoint(endpoint.id, status=EndpointStatus.ENABLED))
    assert await post.send() == 0
    await post.happens(number=3)
    assert await post.send() == 1


async def test_what_is_due_waits_while_an_endpoint_is_off(post: Post) -> None:
    """And is sent when it is on again."""
    endpoint = (await post.open()).endpoint
    await post.happens()
    await post.events._sequencing.number()
    await post.endpoints.update(a_call(1), UpdateWebhookEndpoint(endpoint.id, status=EndpointStatus.DISABLED))
    assert await post.send() == 0
    await post.endpoints.update(a_call(2), UpdateWebhookEndpoint(endpoint.id, status=EndpointStatus.ENABLED))
    assert await post.send() == 1


async def test_a_crash_between_sending_and_writing_down_sends_again_under_the_same_id(post: Post) -> None:
    """When the lease is over; a claim that is still held is nobody else's."""
    endpoint = (await post.open()).endpoint
    await post.happens()
    await post.events._sequencing.number()
    now = post.clock.now()
    claim = await post.store.transaction(
        lambda tx: tx.webhook_deliveries.claim(endpoint, now, timedelta(seconds=60), 8)
    )
    assert len(claim) == 1
    assert await post.send() == 0
    post.clock.move(timedelta(seconds=61))
    assert await post.send() == 1
    (delivery,) = post.deliveries()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.SUCCEEDED, 2)


async def test_two_secrets_sign_while_they_overlap(post: Post) -> None:
    """Then the new one alone."""
    old = await post.open()
    new = await post.endpoints.rotate(a_call(1), old.endpoint.id, timedelta(hours=1))
    assert new.secret != old.secret
    await post.happens(number=1)
    await post.send()
    post.clock.move(timedelta(hours=1))
    await post.happens(number=2)
    await post.send()
    during, after = post.courier.carried
    assert (verifies(during, old.secret), verifies(during, new.secret)) == (True, True)
    assert (verifies(after, old.secret), verifies(after, new.secret)) == (False, True)


async def test_rotating_without_overlap_ends_every_old_secret(post: Post) -> None:
    """As after a leak, whatever earlier rotations had promised."""
    first = await post.open()
    second = await post.endpoints.rotate(a_call(1), first.endpoint.id, timedelta(days=7))
    third = await post.endpoints.rotate(a_call(2), first.endpoint.id, timedelta(0))
    await post.happens()
    await post.send()
    (carried,) = post.courier.carried
    assert [verifies(carried, one.secret) for one in (first, second, third)] == [False, False, True]


async def test_a_resumed_call_shows_what_the_first_had_made(post: Post) -> None:
    """One endpoint, one secret, one rotation."""
    wish = CreateWebhookEndpoint(HOOK, ("*",))
    made = [await post.endpoints.create(a_call(1, resumed=again), wish) for again in (False, True)]
    assert made[0] == made[1]
    turned = [await post.endpoints.rotate(a_call(2, resumed=again), an_id(1), timedelta(0)) for again in (False, True)]
    assert turned[0] == turned[1]
    for again in (False, True):
        await post.endpoints.delete(a_call(3, resumed=again), an_id(1))
    assert not post.tables.webhook_endpoints


async def test_secrets_are_sealed_where_they_are_kept_and_in_no_representation(post: Post) -> None:
    """Neither in a row, nor in an error, nor in a log that formats what it is given."""
    shown = await post.open()
    assert shown.secret not in repr(shown)
    assert shown.secret not in repr(post.tables)
    assert shown.secret.encode() not in post.stored(shown.endpoint).sealed.text


async def test_a_deleted_endpoint_is_sent_nothing_more(post: Post) -> None:
    """What was due included; it does not exist any more."""
    endpoint = (await post.open()).endpoint
    await post.happens()
    await post.events._sequencing.number()
    await post.endpoints.delete(a_call(1), endpoint.id)
    assert await post.send() == 0
    assert post.deliveries() == []
    with pytest.raises(WebhookEndpointNotFound):
        await post.endpoints.get(A_CALLER, endpoint.id)


@pytest.mark.parametrize(
    "url",
    [
        *("http://shop.example/hook", "https://localhost/hook", "https://10.0.0.1/", "https://[::1]/"),
        *("https://user:pass@shop.example/", "https://169.254.169.254/latest", "ftp://shop.example/", "https://127.1/"),
    ],
)
async def test_an_address_must_be_https_and_public(post: Post, url: str) -> None:
    """Said of the field, when the endpoint is made and when it is changed."""
    with pytest.raises(ValidationError, match=r"^url: must be") as refused:
        await post.open(url)
    assert url not in str(refused.value)
    endpoint = (await post.open()).endpoint
    with pytest.raises(ValidationError, match=r"^url: must be"):
        await post.endpoints.update(a_call(1), UpdateWebhookEndpoint(endpoint.id, url=url))


async def test_hosts_that_the_operator_allows_need_neither(post: Post) -> None:
    """127.0.0.1 is one here."""
    await post.open("http://127.0.0.1:9000/hook")


async def test_an_unknown_type_of_event_is_named_by_its_place(post: Post) -> None:
    """So is the test's own type, which nobody can ask for."""
    for name in ("payment.paid", "webhook_endpoint.test", "payment.*"):
        with pytest.raises(ValidationError, match=r"^events\[1\]: there is no such type"):
            await post.open(HOOK, "payment.created", name)


async def test_a_test_is_sent_once_and_answers_how_it_went(post: Post) -> None:
    """Signed, to an endpoint that is off as well; it is in the log and in no list of events."""
    shown = await post.open()
    await post.endpoints.update(a_call(1), UpdateWebhookEndpoint(shown.endpoint.id, status=EndpointStatus.DISABLED))
    post.courier.replies[HOOK] = Answered(500)
    failed = await post.sending.test(a_call(2), shown.endpoint.id)
    assert (failed.status, failed.response_status, failed.attempts) == (DeliveryStatus.FAILED, 500, 1)
    post.courier.replies[HOOK] = Answered(204)
    taken = await post.sending.test(a_call(3), shown.endpoint.id)
    assert (taken.status, taken.response_status) == (DeliveryStatus.SUCCEEDED, 204)
    assert await post.sending.test(a_call(3, resumed=True), shown.endpoint.id) == taken
    assert len(post.courier.carried) == 2
    assert all(verifies(carried, shown.secret) for carried in post.courier.carried)
    body = json.loads(post.courier.carried[0].body)
    assert (body["type"], body["data"]["object"]["url"]) == ("webhook_endpoint.test", HOOK)
    assert "secret" not in body["data"]["object"]
    assert not post.tables.events
    await post.pass_time(timedelta(days=4))
    assert len(post.courier.carried) == 2


async def test_one_event_is_sent_again_under_its_own_id(post: Post) -> None:
    """To all endpoints that take it, or to one; a resumed call makes out nothing twice."""
    first = (await post.open(HOOK)).endpoint
    await post.open(OTHER_HOOK, "refund.created")
    event = await post.happens()
    await post.send()
    counts = [await post.redelivering.one(a_call(1, resumed=again), event.id, None) for again in (False, True)]
    assert counts == [1, 1]
    assert await post.redelivering.one(a_call(2), event.id, first.id) == 1
    assert await post.send() == 2
    assert {carried.headers["webhook-id"] for carried in post.courier.carried} == {prefixed("evt", event.id)}
    with pytest.raises(WebhookEndpointNotFound):
        await post.redelivering.one(a_call(3), event.id, an_id(999))


async def test_a_range_is_sent_again_oldest_first(post: Post) -> None:
    """Bounds on times are exclusive; `failed_only` leaves out what was taken or is on its way."""
    await post.open()
    events = []
    for number in (1, 2, 3, 4):
        post.courier.replies[HOOK] = Answered(500 if number == 3 else 200)
        events.append(await post.happens(number=number))
        await post.send()
        post.clock.move(timedelta(hours=100))
        await post.send()
    names = [prefixed("evt", event.id) for event in events]
    post.courier.carried.clear()
    post.courier.replies[HOOK] = Answered(200)
    wanted = RedeliverEvents(created_after=NOON, created_before=NOON + timedelta(hours=300))
    assert await post.redelivering.range(a_call(1), wanted) == 2
    assert await post.redelivering.range(a_call(1, resumed=True), wanted) == 2
    post.clock.move(timedelta(seconds=1))
    await post.send()
    assert [carried.headers["webhook-id"] for carried in post.courier.carried] == names[1:3]
    again = RedeliverEvents(created_after=NOON - timedelta(1), failed_only=True)
    assert await post.redelivering.range(a_call(2), again) == 0


async def test_a_range_that_is_empty_is_refused(post: Post) -> None:
    """It names the bound."""
    wanted = RedeliverEvents(created_after=NOON, created_before=NOON)
    with pytest.raises(ValidationError, match=r"^created_before: must be later"):
        await post.redelivering.range(a_call(1), wanted)


async def test_lists_of_endpoints_and_deliveries_are_newest_first(post: Post) -> None:
    """By page with the total, and behind a cursor without it."""
    opened = [(await post.open(f"https://shop.example/{number}")).endpoint for number in range(3)]
    page = await post.endpoints.list(A_CALLER, EndpointQuery(per_page=2))
    assert ([one.id for one in page.items], page.total) == ([opened[2].id, opened[1].id], 3)
    rest = await post.endpoints.list(A_CALLER, EndpointQuery(per_page=2, after=page.next))
    assert ([one.id for one in rest.items], rest.total, rest.next) == ([opened[0].id], None, None)
    events = [await post.happens(number=number) for number in (1, 2)]
    await post.send()
    log = await post.sending.list(A_CALLER, DeliveryQuery(opened[0].id))
    assert [one.event_id for one in log.items] == [events[1].id, events[0].id]
    of_one = await post.sending.list(A_CALLER, DeliveryQuery(opened[0].id, DeliveryStatus.SUCCEEDED, events[0].id))
    assert (len(of_one.items), of_one.total) == (1, 1)
    assert (await post.sending.list(A_CALLER, DeliveryQuery(opened[0].id, DeliveryStatus.FAILED))).total == 0


async def test_the_audit_log_tells_of_every_change_and_of_no_secret(post: Post) -> None:
    """Not of one that stands in an address either."""
    shown = await post.open("https://shop.example/hook?token=s3cret")
    turned = await post.endpoints.rotate(a_call(1), shown.endpoint.id, timedelta(0))
    await post.endpoints.update(a_call(2), UpdateWebhookEndpoint(shown.endpoint.id, events=("refund.created",)))
    await post.endpoints.delete(a_call(3), shown.endpoint.id)
    entries = sorted(post.tables.audit.values(), key=lambda entry: entry.action)
    assert [entry.action.value for entry in entries] == [
        *("webhook_endpoint.created", "webhook_endpoint.deleted"),
        *("webhook_endpoint.secret_rotated", "webhook_endpoint.updated"),
    ]
    assert {entry.object_id for entry in entries} == {str(shown.endpoint.id)}
    for secret in ("s3cret", shown.secret, turned.secret):
        assert secret not in repr(entries)
