"""Callbacks that come twice, all at once, late, too early or never: whatever the way, the order ends the same and changes once."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from uuid import UUID

import pytest

from server.commands.dev_keys import new_key, public_of
from tests.e2e.installation import Installation
from tests.e2e.mall import BY_PEN, CURRENCIES, GATEWAYS, Mall, Opened, data_of
from tests.e2e.pens.message import Message, documented

_AT_ONCE = 48
OTHER_KEY = public_of(new_key())


@pytest.fixture
async def any_way(mall: Mall) -> AsyncIterator[Mall]:
    """The mall; notifications and calls travel as usual again afterwards."""
    try:
        yield mall
    finally:
        await mall.sandbox.callbacks("normal")
        await mall.sandbox.release()
        await mall.sandbox.no_faults()


async def genuine(mall: Mall, gateway: str, opened: Opened) -> Message:
    """What the gateway would say of the payment; for PayPal of a capture that nobody has asked for."""
    match gateway:
        case "alipay":
            return mall.pens.alipay.message(opened.order_no)
        case "wechat":
            return mall.pens.wechat.message(opened.order_no)
        case _:
            truth = await mall.truth("paypal", opened.order_no)
            event = mall.pens.paypal.capture(opened.order_no, truth["gateway_payment_id"])
            return mall.pens.paypal.message(event)


def postings(installation: Installation, opened: Opened) -> int:
    """How often the order's payment stands in the ledger."""
    with closing(sqlite3.connect(f"file:{installation.database}?mode=ro", uri=True)) as database:
        counted = database.execute(
            "SELECT COUNT(*) FROM ledger_postings WHERE source_id = ?", (UUID(opened.payment_id).bytes,)
        )
        ((number,),) = counted.fetchall()
    return int(number)


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_forty_eight_at_once_change_one_thing_once(mall: Mall, installation: Installation, gateway: str) -> None:
    """One is applied, the others are acknowledged and counted; one posting in the ledger."""
    opened = await mall.opened(gateway, BY_PEN)
    message = await genuine(mall, gateway, opened)
    answers = await asyncio.gather(*(mall.send(message, gateway) for _ in range(_AT_ONCE)))
    assert {answer.status for answer in answers} == {204 if gateway == "wechat" else 200}
    rows = await mall.kept(reference=opened.order_no, per_page=100)
    # PayPal is asked about those that come before one is believed: each of them is kept until it has answered.
    decisions = Counter(row["decision"] for row in rows)
    assert (decisions["applied"], decisions.keys() <= {"applied", "ignored"}) == (1, True)
    assert gateway == "paypal" or len(rows) == 1
    assert sum(1 + row["repeats"] for row in rows) == _AT_ONCE
    order = await mall.read(opened.id)
    assert (order["status"], postings(installation, opened)) == ("paid", 1)


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_repeat_changes_nothing(mall: Mall, gateway: str) -> None:
    """Not even `updated_at`, of the order or of the payment."""
    opened = await mall.paid(gateway)
    before = await mall.read(opened.id), await mall.payment(opened)
    row = await mall.decided(await genuine(mall, gateway, opened), gateway)
    assert (row["told"].status, row["decision"]) == (204 if gateway == "wechat" else 200, "ignored")
    assert (await mall.read(opened.id), await mall.payment(opened)) == before


@pytest.mark.parametrize("mode", ["duplicate", "reorder", "hold", "drop"])
async def test_every_way_of_the_notifications_ends_the_same(
    any_way: Mall, installation: Installation, mode: str
) -> None:
    """Twice, in another order, late or never: then the gateway is asked."""
    await any_way.sandbox.callbacks(mode)
    opened = {gateway: await any_way.opened(gateway) for gateway in GATEWAYS}
    for each in opened.values():
        await any_way.customer.pay(each.payment_url)
    if mode == "hold":
        await any_way.sandbox.callbacks("normal")
        await any_way.sandbox.release()
    await asyncio.gather(*(any_way.until(each.id, "paid") for each in opened.values()))
    for gateway, each in opened.items():
        truth = await any_way.truth(gateway, each.order_no)
        assert (truth["captured_minor"], truth["refunded_minor"]) == (10000, 0)
        assert postings(installation, each) == 1
        # Callbacks that only ask to look share a look when they come together, and what it changed.
        decisions = Counter(row["decision"] for row in await any_way.kept(reference=each.order_no))
        assert decisions["applied"] <= (2 if gateway == "paypal" else 1)
        assert not decisions["rejected"] + decisions["quarantined"]


async def test_an_older_status_after_a_newer_one_takes_nothing_back(mall: Mall) -> None:
    """Signed rightly, and behind the times."""
    pens = mall.pens
    opened = {gateway: await mall.paid(gateway) for gateway in GATEWAYS}
    truth = await mall.truth("paypal", opened["paypal"].order_no)
    numbers = {gateway: each.order_no for gateway, each in opened.items()}
    declined = pens.paypal.capture(numbers["paypal"], truth["gateway_payment_id"], status="DECLINED")
    pending = pens.paypal.capture(numbers["paypal"], truth["gateway_payment_id"], status="PENDING")
    older = {
        "alipay": [
            pens.alipay.message(numbers["alipay"], trade_status="WAIT_BUYER_PAY", gmt_payment=None),
            pens.alipay.message(numbers["alipay"], trade_status="TRADE_CLOSED", gmt_payment=None),
        ],
        "wechat": [
            pens.wechat.message(numbers["wechat"], trade_state=state, transaction_id=None)
            for state in ("NOTPAY", "CLOSED", "PAYERROR")
        ],
        "paypal": [
            pens.paypal.message(declined | {"event_type": "PAYMENT.CAPTURE.DECLINED"}),
            pens.paypal.message(pending | {"event_type": "PAYMENT.CAPTURE.PENDING"}),
        ],
    }
    for gateway, messages in older.items():
        before = await mall.read(opened[gateway].id), await mall.payment(opened[gateway])
        for message in messages:
            row = await mall.decided(message, gateway)
            assert (row["told"].status, row["decision"]) == (204 if gateway == "wechat" else 200, "ignored")
        assert (await mall.read(opened[gateway].id), await mall.payment(opened[gateway])) == before


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_a_callback_may_overtake_the_call_that_opens_the_payment(
    any_way: Mall, installation: Installation, gateway: str
) -> None:
    """The gateway is slow to answer and quick to tell: the payment is known by its number before its address is."""
    order = await any_way.order(currency=CURRENCIES[gateway], subject=BY_PEN)
    await any_way.sandbox.at(gateway).fault("pay", "slow", delay_ms=700)
    opening = asyncio.create_task(any_way.pay(order, gateway))
    early = await sent_early(any_way, gateway, order["order_no"], opening)
    answer = await opening
    assert early in (200, 204)
    assert answer.status in (200, 400, 504), answer.body
    paid = await any_way.until(order["id"], "paid")
    assert paid["payment_gateway"] == gateway
    listed = (await any_way.operator.get("/api/v1/payments", gateway=gateway)).json["data"]
    (payment,) = [one for one in listed if one["reference"] == order["order_no"]]
    assert payment["captured_amount"] == "100.00"
    assert postings(installation, Opened(order, "", payment["id"])) == 1


async def sent_early(mall: Mall, gateway: str, order_no: str, opening: "asyncio.Task[object]") -> int:
    """Repeats the gateway's message until it is taken, as the gateway itself would; before the call is answered."""
    while True:
        assert not opening.done()
        match gateway:
            case "wechat":
                message = mall.pens.wechat.message(order_no)
            case _:
                message = mall.pens.paypal.message(mall.pens.paypal.capture(order_no, "5O190127TN364715T"))
        answer = await mall.send(message, gateway)
        if answer.status in (200, 204):
            return answer.status
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("gateway", ["alipay", "wechat"])
async def test_the_callback_and_the_checkout_at_the_same_moment(mall: Mall, gateway: str) -> None:
    """The customer has the page and the gateway's word arrives while the shop asks for the page again: paid once, and no further payment."""
    opened = await mall.opened(gateway, BY_PEN)
    message = await genuine(mall, gateway, opened)
    answers = await asyncio.gather(
        *(mall.send(message, gateway) for _ in range(4)), *(mall.pay(opened.order, gateway) for _ in range(4))
    )
    assert {answer.status for answer in answers} <= {200, 204, 400}
    assert (await mall.read(opened.id))["status"] == "paid"
    listed = (await mall.operator.get("/api/v1/payments", gateway=gateway)).json["data"]
    assert len([one for one in listed if one["reference"].startswith(opened.order_no)]) == 1


async def test_an_approval_at_paypal_is_captured_once_whoever_tells(any_way: Mall) -> None:
    """Webhooks, the documented JSON and a second checkout come together: one look, one capture."""
    await any_way.sandbox.callbacks("drop")
    opened = await any_way.opened("paypal")
    await any_way.customer.pay(opened.payment_url)
    callback = documented(any_way.pens.documented("paypal", opened.order_no))
    answers = await asyncio.gather(*(any_way.send(callback) for _ in range(8)))
    assert {data_of(answer)["status"] for answer in answers} == {"paid"}
    assert (await any_way.truth("paypal", opened.order_no))["captured_minor"] == 10000


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_an_operator_learns_check_by_check_why(mall: Mall, gateway: str) -> None:
    """Of a callback that was believed and of one that was not; explaining changes nothing."""
    opened = await mall.opened(gateway, BY_PEN)
    good = await genuine(mall, gateway, opened)
    bad = good.with_body(good.body.replace(b"TRADE_SUCCESS", b"TRADE_FINISHED").replace(b'{"id": "', b'{"id": "X'))
    assert bad.body != good.body
    explained: dict[str, list[str]] = {}
    for name, message in (("bad", bad), ("good", good)):
        row = await mall.decided(message, gateway)
        before = await mall.read(opened.id)
        told = await mall.operator.get(f"/api/v1/callbacks/{row['id']}/explain")
        assert told.status == 200
        explained[name] = [check["name"] for check in told.json["checks"] if check["result"] == "failed"]
        assert {check["name"] for check in told.json["checks"]} >= {"signature"}
        assert await mall.read(opened.id) == before
        assert (await mall.operator.get(f"/api/v1/callbacks/{row['id']}")).json["attempts"] == row["attempts"]
    assert explained == {"bad": ["signature"], "good": []}


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_replay_decides_as_before_and_is_accounted_for(mall: Mall, gateway: str) -> None:
    """A believed callback changes nothing the second time; a forged one stays refused."""
    opened = await mall.opened(gateway, BY_PEN)
    good = await genuine(mall, gateway, opened)
    forged = good.with_body(good.body + b"&x=1" if gateway == "alipay" else good.body + b" ")
    for message, first, second in ((forged, "rejected", "rejected"), (good, "applied", "ignored")):
        row = await mall.decided(message, gateway)
        assert row["decision"] == first
        before = (await mall.read(opened.id))["updated_at"]
        replayed = await mall.operator.post(f"/api/v1/callbacks/{row['id']}/replay", {})
        assert (replayed.status, replayed.json["decision"]) == (200, second)
        assert replayed.json["attempts"] == row["attempts"] + 1
        assert "callback.replayed" in await mall.accounted(row["id"])
        assert (await mall.read(opened.id))["updated_at"] == before


async def test_a_callback_that_was_refused_for_a_wrong_key_is_replayed_after_it_is_corrected(mall: Mall) -> None:
    """The money was not lost: the message is kept, and the order is paid by it."""
    async with mall.configured("alipay", public_key=OTHER_KEY):
        opened = await mall.opened("alipay", BY_PEN)
        row = await mall.decided(mall.pens.alipay.message(opened.order_no), "alipay")
        assert row["decision"] == "rejected"
        assert (await mall.read(opened.id))["status"] == "pending"
    replayed = await mall.operator.post(f"/api/v1/callbacks/{row['id']}/replay", {})
    assert replayed.json["decision"] == "applied"
    assert (await mall.read(opened.id))["status"] == "paid"


async def test_only_who_may_read_callbacks_does(mall: Mall) -> None:
    """A user of the mall neither lists, nor explains, nor replays; and what does not exist is 404."""
    row = (await mall.kept())[0]
    for path in ("/api/v1/callbacks", f"/api/v1/callbacks/{row['id']}", f"/api/v1/callbacks/{row['id']}/explain"):
        assert (await mall.user.get(path)).status == 403
        assert (await mall.nobody.get(path)).status == 401
    assert (await mall.user.post(f"/api/v1/callbacks/{row['id']}/replay", {})).status == 403
    missing = "/api/v1/callbacks/01890a5d-ac96-774b-bcce-b302099a8057"
    for answer in (await mall.operator.get(missing), await mall.operator.get(f"{missing}/explain")):
        assert (answer.status, answer.json["error"]["code"]) == (404, "CALLBACK_NOT_FOUND")
