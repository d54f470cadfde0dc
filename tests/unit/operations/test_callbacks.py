"""No callback is believed on its word, and no callback is lost: each is kept with what was decided about it and why."""

import asyncio
import itertools
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.access import DEFAULT_MERCHANT, Caller
from server.domain.audit import AuditAction
from server.domain.callback import CheckResult
from server.domain.errors import (
    CallbackNotFound,
    GatewayUnsupported,
    OrderNotFound,
    SignatureInvalid,
    ValidationError,
)
from server.domain.inbox import Decision, ReceivedCallback
from server.domain.jobs import JobKind
from server.domain.ledger import PostingKind
from server.domain.listing import CallbackFilter, CallbackQuery
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import Approved, Unknown, Unpaid
from server.domain.payment import Payment, PaymentStatus
from tests.mall import A_KEY, Mall
from tests.page_gateway import UNDECIDED, PageGateway, native


@pytest.fixture
def mall() -> Mall:
    return Mall()


async def opened(mall: Mall) -> tuple[Order, Payment]:
    """An order whose customer has been sent to Alipay."""
    order = await mall.order()
    return order, await mall.check_out(order)


async def paid(mall: Mall) -> tuple[Order, Payment]:
    """An order whose customer has paid; nobody has told us yet."""
    order, payment = await opened(mall)
    assert await mall.pay(payment)
    return order, payment


def decisions(mall: Mall) -> list[Decision]:
    return [callback.judgement.decision for callback in mall.inbox()]


async def test_a_genuine_callback_pays_the_order(mall: Mall) -> None:
    """Kept with what was decided, and acknowledged in the gateway's own words."""
    order, payment = await paid(mall)
    answer = await mall.tell(payment, event="evt_1")
    assert answer.acknowledgement is not None
    assert (answer.acknowledgement.status, answer.acknowledgement.body) == (200, b"accepted")
    assert mall.now(order).status is OrderStatus.PAID
    (kept,) = mall.inbox()
    judgement = kept.judgement
    assert (judgement.decision, judgement.event_id, judgement.reference, judgement.payment_id, kept.attempts) == (
        *(Decision.APPLIED, "evt_1", payment.reference, payment.id),
        1,
    )
    assert b'"state": "paid"' in kept.message.body


async def test_forged_callbacks_change_nothing(mall: Mall) -> None:
    """Refused, with one row in the inbox and one in the audit log."""
    order, payment = await opened(mall)
    before = mall.current(payment)
    answer = await mall.tell(payment, state="paid", sign="forged")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    assert (mall.now(order).status, mall.current(payment)) == (OrderStatus.PENDING, before)
    assert decisions(mall) == [Decision.REJECTED]
    assert [entry.action for entry in mall.tables.audit.values()] == [AuditAction.CALLBACK_REJECTED]


@pytest.mark.parametrize(
    ("change", "check"),
    [({"amount": "0.01"}, "amount"), ({"amount": "100.01"}, "amount"), ({"currency": "USD"}, "currency")],
)
async def test_other_money_than_asked_for_is_quarantined(mall: Mall, change: dict[str, str], check: str) -> None:
    """Signed rightly, so that the gateway need not send it again; and nothing moves before a person has looked."""
    order, payment = await opened(mall)
    answer = await mall.tell(payment, state="paid", **change)
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 200
    assert mall.now(order).status is OrderStatus.PENDING
    (kept,) = mall.inbox()
    assert kept.judgement.decision is Decision.QUARANTINED
    assert (kept.judgement.reason or "").startswith(f"{check} does not agree")
    assert [entry.action for entry in mall.tables.audit.values()] == [AuditAction.CALLBACK_QUARANTINED]


async def test_another_gateways_order_is_not_spoken_of(mall: Mall) -> None:
    """A message that is genuine at one gateway says nothing of an order at another, though both go by the order's number."""
    order, payment = await opened(mall)
    stolen = mall.alipay.told(payment.reference, state="paid", gateway="wechat")
    answer = await mall.post(stolen, native("wechat"), path="wechat")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    assert mall.now(order).status is OrderStatus.PENDING


async def test_an_unknown_number_is_refused(mall: Mall) -> None:
    """However genuine: nothing of ours is paid by it."""
    _, payment = await opened(mall)
    answer = await mall.tell(payment, reference="NOBODYS", state="paid")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    assert decisions(mall) == [Decision.REJECTED]


async def test_forty_eight_at_once_change_one_thing_once(mall: Mall) -> None:
    """All are acknowledged; one of them is applied, the others are counted with it, and the money is posted once."""
    order, payment = await paid(mall)
    answers = await asyncio.gather(*(mall.tell(payment) for _ in range(48)))
    assert {answer.acknowledgement.status for answer in answers if answer.acknowledgement} == {200}
    assert [(row.judgement.decision, row.repeats) for row in mall.inbox()] == [(Decision.APPLIED, 47)]
    assert len(mall.tables.postings) == 1
    assert mall.now(order).status is OrderStatus.PAID


async def test_a_repeat_after_hours_changes_nothing(mall: Mall) -> None:
    """Not even when the payment was last changed. The same bytes are counted where they came first, others are kept."""
    order, payment = await paid(mall)
    await mall.tell(payment)
    before = mall.now(order), mall.current(payment)
    for event in (None, "evt_2", None, "evt_2"):
        mall.clock.move(timedelta(hours=7))
        answer = await mall.tell(payment, **({} if event is None else {"event": event}))
        assert answer.acknowledgement is not None
        assert answer.acknowledgement.status == 200
    assert (mall.now(order), mall.current(payment)) == before
    first, second = mall.inbox()
    assert (first.judgement.decision, second.judgement.decision) == (Decision.APPLIED, Decision.IGNORED)
    assert (first.repeats, second.repeats) == (2, 1)
    assert (first.repeated_at, second.repeated_at) == (mall.clock.now() - timedelta(hours=7), mall.clock.now())


async def test_a_quarantined_callback_is_accounted_for_once(mall: Mall) -> None:
    """Whoever has one can send it without end: neither the inbox nor the audit log grows by it."""
    _, payment = await opened(mall)
    for _ in range(3):
        await mall.tell(payment, state="paid", amount="0.01")
    (kept,) = mall.inbox()
    assert (kept.judgement.decision, kept.repeats) == (Decision.QUARANTINED, 2)
    assert [entry.action for entry in mall.tables.audit.values()] == [AuditAction.CALLBACK_QUARANTINED]


async def test_what_was_refused_is_no_repeat_once_it_is_believed(mall: Mall) -> None:
    """The gateway sends the same bytes again after our key was corrected: they are kept with what became of them."""
    order, payment = await paid(mall)
    genuine = mall.alipay.told(payment.reference)
    for secret, told in (("mistyped", 400), ("genuine", 200), ("genuine", 200)):
        mall.alipay.secret = secret
        answer = await mall.post(genuine, native("alipay"))
        assert answer.acknowledgement is not None
        assert answer.acknowledgement.status == told
    assert mall.now(order).status is OrderStatus.PAID
    rows = [(row.judgement.decision, row.repeats) for row in mall.inbox()]
    assert rows == [(Decision.REJECTED, 0), (Decision.APPLIED, 1)]


_MESSAGES = ("paid", "closed", "open", "ask", "paid")


@pytest.mark.parametrize("order_of_arrival", sorted(set(itertools.permutations(_MESSAGES))))
async def test_every_order_of_arrival_ends_the_same(order_of_arrival: tuple[str, ...]) -> None:
    """The gateway's truth is that it was paid; what comes late, twice or never takes nothing back."""
    mall = Mall()
    order, payment = await paid(mall)
    for state in order_of_arrival:
        await mall.tell(payment, state=state)
    stored = mall.current(payment)
    assert (stored.captured_minor, stored.gateway_payment_id) == (10_000, f"trade_{payment.reference}")
    assert len(mall.tables.postings) == 1
    await mall.pass_time(timedelta(hours=1))
    settled = mall.now(order).status, mall.current(payment).status
    assert settled == (OrderStatus.PAID, PaymentStatus.SUCCEEDED)


async def test_the_callback_may_overtake_the_call(mall: Mall) -> None:
    """The customer pays while the answer that creates the payment is still under way: both end in one paid order."""
    order = await mall.order()
    authorise = mall.alipay.authorise

    async def slow(attempt: object) -> object:
        outcome = await authorise(attempt)  # type: ignore[arg-type]
        mall.alipay.customer_pays(order.order_no)
        await mall.post(mall.alipay.told(order.order_no), native("alipay"))
        return outcome

    mall.alipay.authorise = slow  # type: ignore[method-assign,assignment]
    payment = await mall.check_out(order)
    assert payment.status is PaymentStatus.SUCCEEDED
    assert mall.now(order).status is OrderStatus.PAID
    assert len(mall.tables.postings) == 1


async def test_a_call_to_look_asks_the_gateway(mall: Mall) -> None:
    """Its word counts, not the callback's."""
    order, payment = await opened(mall)
    await mall.tell(payment, state="ask")
    assert mall.now(order).status is OrderStatus.PENDING
    await mall.pay(payment)
    await mall.tell(payment, state="ask")
    assert mall.now(order).status is OrderStatus.PAID
    assert decisions(mall) == [Decision.IGNORED, Decision.APPLIED]


async def test_what_is_settled_is_looked_at_for_its_fee(mall: Mall) -> None:
    """A gateway that has reckoned a payment up says so: it is asked, the fee is posted, and once more tells nothing new."""
    order, payment = await paid(mall)
    await mall.tell(payment)
    number = f"gp_{payment.reference}"
    named = Approved(number, payment.money.amount_minor, captured=True, fee_minor=60)
    for event, decision in enumerate((Decision.APPLIED, Decision.IGNORED)):
        mall.alipay.next("fetch", named)
        await mall.tell(payment, state="reckoned", event=str(event))
        assert decisions(mall)[-1] is decision
    fees = [posted.posting for (kind, *_), posted in mall.tables.postings.items() if kind is PostingKind.CHARGE_FEE]
    assert [fee.source_id for fee in fees] == [payment.id]
    assert mall.now(order).status is OrderStatus.PAID


async def test_the_same_call_to_look_is_kept_once(mall: Mall) -> None:
    """The gateway is asked each time, as something may have happened since; a time when it does not tell is kept, to be decided later."""
    order, payment = await opened(mall)
    for _ in range(3):
        await mall.tell(payment, state="ask")
    assert [(row.judgement.decision, row.repeats) for row in mall.inbox()] == [(Decision.IGNORED, 2)]
    await mall.pay(payment)
    mall.alipay.next("resume", Unknown("lost"))
    await mall.tell(payment, state="ask")
    assert decisions(mall) == [Decision.IGNORED, Decision.PENDING]
    await mall.pass_time(timedelta(minutes=2))
    assert mall.now(order).status is OrderStatus.PAID
    assert mall.alipay.calls.count("resume") >= 4


async def test_calls_to_look_that_come_together_ask_once(mall: Mall) -> None:
    """Anybody can send them: they must not become a flood at the gateway."""
    _, payment = await paid(mall)
    await asyncio.gather(*(mall.tell(payment, state="ask") for _ in range(10)))
    assert mall.alipay.calls.count("resume") == 1


async def test_a_call_to_look_does_not_take_up_what_has_ended(mall: Mall) -> None:
    """A customer who approves a payment that was closed meanwhile is not charged: the gateway is only asked, nothing is completed."""
    order, payment = await opened(mall)
    await mall.check_out(order, "wechat")
    assert mall.current(payment).status is PaymentStatus.CANCELED
    await mall.tell(payment, state="ask")
    assert (mall.alipay.calls.count("fetch"), mall.alipay.calls.count("resume")) == (1, 0)


async def test_a_gateway_that_does_not_tell_is_asked_again(mall: Mall) -> None:
    """The callback is kept and acknowledged; the background goes on."""
    order, payment = await paid(mall)
    mall.alipay.next("resume", Unknown("lost"))
    await mall.tell(payment, state="ask")
    assert decisions(mall) == [Decision.PENDING]
    await mall.pass_time(timedelta(minutes=2))
    assert mall.now(order).status is OrderStatus.PAID
    assert decisions(mall) == [Decision.IGNORED]
    mall.assert_nothing_is_forgotten()
    assert not [job for job in mall.tables.jobs.values() if job.kind is JobKind.DECIDE_CALLBACK]


async def test_what_tells_nothing_is_acknowledged(mall: Mall) -> None:
    """A status that is no success, a kind that we do not follow."""
    order, payment = await opened(mall)
    answer = await mall.tell(payment, state="wait")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 200
    assert (decisions(mall), mall.now(order).status) == ([Decision.IGNORED], OrderStatus.PENDING)


async def test_the_documented_json_answers_the_order(mall: Mall) -> None:
    """The same checks, another envelope."""
    order, payment = await paid(mall)
    answer = await mall.post(mall.alipay.told(payment.reference))
    assert answer.order == mall.now(order)
    assert mall.now(order).status is OrderStatus.PAID


async def test_what_nobody_has_proven_tells_nothing_of_the_buyer(mall: Mall) -> None:
    """An unsigned message only makes us look: its sender may be anybody, and order numbers can be guessed."""
    order, payment = await paid(mall)
    answer = await mall.post(mall.alipay.told(payment.reference, state="ask"))
    assert answer.order is not None
    assert (answer.order.status, answer.order.order_no) == (OrderStatus.PAID, order.order_no)
    assert (answer.order.user_id, answer.order.subject) == ("", None)
    assert mall.now(order).user_id == order.user_id


async def test_the_documented_json_is_refused_in_words(mall: Mall) -> None:
    """A signature that does not hold, an order that does not exist, a gateway that does not."""
    _, payment = await paid(mall)
    told = mall.alipay.told(payment.reference)
    with pytest.raises(SignatureInvalid):
        await mall.post(told | {"sign": "forged"})
    with pytest.raises(OrderNotFound):
        await mall.post(told | {"reference": "20240101123456789"})
    with pytest.raises(GatewayUnsupported):
        await mall.post(told | {"gateway": "square"})
    assert decisions(mall) == [Decision.REJECTED] * 3


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"gateway": "alipay", "gateway": "wechat"}',
        b'{"gateway": "alipay", "amount": 1e2}',
        b'{"gateway": "alipay", "amount": NaN}',
        b'{"gateway": "alipay", "inner": {"a": 1, "a": 2}}',
        b"{" * 5000,
        b'{"no": "gateway"}',
        b'<?xml version="1.0"?><xml/>',
        b"\xff\xfe",
        b'{"gateway": "alipay", "out_trade_no": "\\ud800"}',
        b'{"gateway": "alipay", "\\ud800": "1"}',
        b'{"gateway": "alipay", "\\ud800": 1}',
        b"x" * 70_000,
    ],
)
async def test_what_cannot_be_read_is_refused_and_kept(mall: Mall, body: bytes) -> None:
    """Before anything of it is believed; what is too long is kept in part."""
    with pytest.raises(ValidationError):
        await mall.post(body)
    (kept,) = mall.inbox()
    assert kept.judgement.decision is Decision.REJECTED
    assert len(kept.message.body) <= 64 * 1024


async def test_a_gateways_own_address_refuses_in_its_words(mall: Mall) -> None:
    """Whatever comes there."""
    answer = await mall.post(b"nonsense", path="alipay")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    with pytest.raises(GatewayUnsupported):
        await mall.post(b"nonsense", path="square")


async def test_credentials_are_not_kept(mall: Mall) -> None:
    """A caller who sends theirs by mistake does not find them in the inbox."""
    with pytest.raises(ValidationError):
        await mall.post(b"x", {"authorization": "Bearer sk_1", "cookie": "session=1", "x-real": "1"})
    (kept,) = mall.inbox()
    assert dict(kept.message.headers) == {"x-real": "1"}


async def test_what_opens_something_at_a_gateway_is_not_shown(mall: Mall) -> None:
    """Kept as it came, as the signature covers it, and decided about again by that; masked wherever a callback is read, whoever's address it was posted to."""
    _, payment = await paid(mall)
    secret = "pi_3_secret_0123456789"
    await mall.tell(payment, opens=secret)
    await mall.post(mall.alipay.told(payment.reference, opens=secret), native("alipay"), path="wechat")
    for kept in mall.inbox():
        (listed,) = (row for row in await _listed(mall) if row.id == kept.id)
        read = await mall.callbacks.get(A_KEY, kept.id)
        replayed = await mall.callbacks.replay(mall.call(A_KEY), kept.id)
        assert secret.encode() in kept.message.body
        for shown in (listed, read, replayed):
            assert shown.message.body == kept.message.body.replace(secret.encode(), b"pi_3********6789")
    assert all(secret.encode() in row.message.body for row in mall.inbox())
    assert decisions(mall) == [Decision.IGNORED, Decision.REJECTED]


async def _listed(mall: Mall) -> tuple[ReceivedCallback, ...]:
    return (await mall.callbacks.list(A_KEY, CallbackQuery(CallbackFilter()))).items


async def test_a_flood_of_forgeries_does_not_fill_the_books(mall: Mall) -> None:
    """Anybody can post: beyond what an honest mistake causes, forgeries are only logged; what is genuine is always kept."""
    _, payment = await paid(mall)
    for _ in range(300):
        await mall.tell(payment, sign="forged")
    assert len(mall.inbox()) == 200
    await mall.tell(payment)
    assert decisions(mall)[-1] is Decision.APPLIED
    mall.clock.move(timedelta(seconds=10))
    await mall.tell(payment, sign="forged")
    assert decisions(mall)[-1] is Decision.REJECTED


async def test_a_flood_of_what_cannot_be_checked_now_does_not_fill_the_books(mall: Mall) -> None:
    """Whoever makes up addresses of certificates gets no more room than a forger; each is told to come again."""
    _, payment = await paid(mall)
    answers = [await mall.tell(payment, sign=UNDECIDED) for _ in range(300)]
    assert len(mall.inbox()) == 200
    assert {answer.acknowledgement.status for answer in answers if answer.acknowledgement} == {503}


async def test_a_flood_of_hints_reaches_neither_the_books_nor_the_gateway(mall: Mall) -> None:
    """Whoever knows an order's number can send what carries no proof: beyond what is kept, its sender must come again, and the background finds the money."""
    order, payment = await opened(mall)
    answers = [await mall.tell(payment, state="hint", event=str(number)) for number in range(300)]
    assert (len(mall.inbox()), mall.alipay.calls.count("resume")) == (200, 200)
    assert [answer.acknowledgement.status for answer in answers if answer.acknowledgement] == [200] * 200 + [503] * 100
    await mall.pay(payment)
    await mall.tell(payment, state="hint")
    assert mall.now(order).status is OrderStatus.PENDING
    await mall.pass_time(timedelta(minutes=1))
    assert mall.now(order).status is OrderStatus.PAID


async def test_an_operator_learns_why(mall: Mall) -> None:
    """Check by check, with what was expected and what came."""
    _, payment = await opened(mall)
    await mall.tell(payment, state="paid", amount="0.01")
    (kept,) = mall.inbox()
    found = await mall.callbacks.explain(A_KEY, kept.id)
    told = {check.name: (check.result, check.expected, check.actual) for check in found.checks}
    assert told["signature"][0] is CheckResult.PASSED
    assert told["amount"] == (CheckResult.FAILED, "100.00", "0.01")
    assert mall.inbox() == [kept]


async def test_a_replay_decides_anew(mall: Mall) -> None:
    """The key was wrong in our configuration; corrected, the stored callback pays the order. The audit log names the operator."""
    order, payment = await paid(mall)
    genuine = mall.alipay.told(payment.reference)
    mall.alipay.secret = "mistyped"
    await mall.post(genuine, native("alipay"))
    (kept,) = mall.inbox()
    assert kept.judgement.decision is Decision.REJECTED
    mall.alipay.secret = "genuine"
    replayed = await mall.callbacks.replay(mall.call(A_KEY), kept.id)
    assert (replayed.judgement.decision, replayed.attempts) == (Decision.APPLIED, 2)
    assert mall.now(order).status is OrderStatus.PAID
    by = {entry.action: entry.actor for entry in mall.tables.audit.values()}
    assert by[AuditAction.CALLBACK_REPLAYED] == A_KEY.credential


async def test_another_merchants_callbacks_do_not_exist(mall: Mall) -> None:
    """As with everything that belongs to somebody."""
    _, payment = await paid(mall)
    await mall.tell(payment)
    (kept,) = mall.inbox()
    with pytest.raises(CallbackNotFound):
        await mall.callbacks.get(Caller("other", "key:2"), kept.id)
    with pytest.raises(CallbackNotFound):
        await mall.callbacks.get(Caller(DEFAULT_MERCHANT, "key:1"), UUID(int=7))


async def test_replaced_credentials_do_not_speak_for_newer_payments(mall: Mall) -> None:
    """Keys are replaced because somebody else may have them: what they sign about a payment that was made afterwards is not believed."""
    mall.alipay.config_version = 2
    _, payment = await paid(mall)
    mall.alipay.config_version = 1
    answer = await mall.post(json.dumps(mall.alipay.told(payment.reference)).encode(), native("alipay"))
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    (kept,) = mall.inbox()
    assert (kept.judgement.reason or "").startswith("config_version does not agree")


async def test_a_genuine_dispute_of_an_unknown_payment_is_set_aside(
    mall: Mall, caplog: pytest.LogCaptureFixture
) -> None:
    """Money is disputed, whoever's payment it is: an operator is told, and the gateway need not send it again."""
    _, payment = await paid(mall)
    answer = await mall.tell(payment, reference="NOBODYS", state="disputed")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 200
    (kept,) = mall.inbox()
    assert (kept.judgement.decision, kept.judgement.reference) == (Decision.QUARANTINED, "NOBODYS")
    assert "disputed that is not known here" in caplog.text
    found = await mall.callbacks.explain(A_KEY, kept.id)
    assert [check.name for check in found.checks if check.result is CheckResult.FAILED] == ["payment"]


async def test_a_dispute_that_was_set_aside_is_applied_when_its_payment_is_known(mall: Mall) -> None:
    """The operator replays it: it is believed as the gateway's own word, with the credentials of the payment now."""
    _, payment = await paid(mall)
    order = await mall.order()
    await mall.tell(payment, reference=order.order_no, state="disputed")
    (kept,) = mall.inbox()
    assert (await mall.callbacks.replay(mall.call(A_KEY), kept.id)).judgement.decision is Decision.QUARANTINED
    disputed = await mall.check_out(order)
    assert disputed.reference == order.order_no
    assert await mall.pay(disputed)
    await mall.tell(disputed)
    assert (await mall.callbacks.replay(mall.call(A_KEY), kept.id)).judgement.decision is Decision.APPLIED
    assert [dispute.payment_id for dispute in mall.tables.disputes.values()] == [disputed.id]


@pytest.mark.parametrize("secret", ["forged", "replaced"])
async def test_what_is_not_believed_sets_no_dispute_aside(
    mall: Mall, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a forger nor somebody who has credentials that were replaced fills the quarantine, or calls an operator."""
    _, payment = await paid(mall)
    former = PageGateway("alipay", mall.clock)
    former.secret = "replaced"
    mall.gateways.replaced, mall.alipay.config_version = [former], 2
    for _ in range(300):
        answer = await mall.tell(payment, reference="NOBODYS", state="disputed", sign=secret)
        assert answer.acknowledgement is not None
        assert answer.acknowledgement.status == 400
    assert decisions(mall) == [Decision.REJECTED] * 200
    assert "disputed" not in caplog.text


async def test_replaced_credentials_do_not_take_the_place_of_newer_ones_that_cannot_be_read(mall: Mall) -> None:
    """An encryption key is missing: until it is back, what replaced credentials sign of a dispute that is not known here is refused, for its gateway to send again."""
    _, payment = await paid(mall)
    former = PageGateway("alipay", mall.clock)
    mall.gateways.replaced, mall.gateways.unusable, mall.alipay.config_version = [former], {"alipay"}, 2
    answer = await mall.tell(payment, reference="NOBODYS", state="disputed")
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    (kept,) = mall.inbox()
    assert (kept.judgement.decision, kept.judgement.reason) == (
        Decision.REJECTED,
        "config_version does not agree: expected at least 2, got 1",
    )
    mall.gateways.unusable = set()
    replayed = await mall.callbacks.replay(mall.call(A_KEY), kept.id)
    assert replayed.judgement.decision is Decision.QUARANTINED


async def test_the_documented_json_can_be_decided_again(mall: Mall) -> None:
    """It is read once more from what was stored, as no database keeps what was made of it."""
    order, payment = await paid(mall)
    told = mall.alipay.told(payment.reference)
    mall.alipay.secret = "mistyped"
    with pytest.raises(SignatureInvalid):
        await mall.post(told)
    (kept,) = mall.inbox()
    mall.tables.callbacks[kept.id] = replace(kept, message=replace(kept.message, documented=None))
    mall.alipay.secret = "genuine"
    explained = await mall.callbacks.explain(A_KEY, kept.id)
    assert {check.result for check in explained.checks} == {CheckResult.PASSED}
    replayed = await mall.callbacks.replay(mall.call(A_KEY), kept.id)
    assert replayed.judgement.decision is Decision.APPLIED
    assert mall.now(order).status is OrderStatus.PAID


async def test_a_call_to_look_is_answered_by_nothing_older_than_itself(mall: Mall) -> None:
    """The gateway was asked before the customer paid; who calls to look after that is not told by that answer."""
    order, payment = await opened(mall)
    early = asyncio.create_task(mall.tell(payment, state="ask"))
    for _ in range(50):
        if "resume" in mall.alipay.calls:
            break
        await asyncio.sleep(0)
    mall.alipay.next("resume", Unpaid())
    await mall.pay(payment)
    await asyncio.gather(early, mall.tell(payment, state="ask"))
    assert mall.now(order).status is OrderStatus.PAID
    assert decisions(mall) == [Decision.IGNORED, Decision.APPLIED]


@pytest.mark.parametrize("reference", ["\0", "a\0b", "\ud800", "x" * 5000])
async def test_numbers_that_no_database_stores_are_nobodys(mall: Mall, reference: str) -> None:
    """Anybody can send them: looked for nowhere, and kept without what cannot be kept."""
    _, payment = await opened(mall)
    answer = await mall.tell(payment, state="paid", reference=reference, event=reference)
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    (kept,) = mall.inbox()
    for text in (kept.judgement.reason, kept.judgement.reference, kept.judgement.event_id):
        assert "\0" not in (text or "")
        assert len((text or "").encode()) <= 200
