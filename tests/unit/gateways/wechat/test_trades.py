"""An order's way at WeChat Pay, step by step: what is asked, in which order, and what is made of each answer."""

from datetime import timedelta

import pytest

from gateways.wechat.failures import Failure, Why
from gateways.wechat.replies import Closed, Prepaid, Trade, TradeState
from gateways.wechat.trades import Trades
from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    NextAction,
    NextActionKind,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Unpaid,
    Waiting,
)
from tests.unit.gateways.wechat.attempts import NOON, RETURN_URL, ScriptedApi, SetClock, a_wish, an_attempt

URL = "weixin://wxpay/bizpayurl?pr=1"
EXPIRY = NOON + timedelta(minutes=15)
SHOWN = Waiting(None, NextAction(NextActionKind.DISPLAY_QR_CODE, URL), EXPIRY)
PAID = Approved("4200001", 10000, captured=True, paid_at=NOON)
A_CODE = ("prepay", Prepaid(code_url=URL, prepay_id="wx1"))
NOT_PAID = ("query", Trade(TradeState.NOTPAY))
IS_PAID = ("query", Trade(TradeState.SUCCESS, "4200001", 10000, NOON))
IS_CLOSED = ("query", Trade(TradeState.CLOSED))
FAILED = ("query", Trade(TradeState.PAYERROR))
NO_ORDER = ("query", Failure(Why.NOT_FOUND, "ORDER_NOT_EXIST"))
NO_ANSWER = ("query", Failure(Why.LOST))
CLOSES = ("close", Closed())
INVALID = ("prepay", Failure(Why.INVALID, "PARAM_ERROR"))

Line = tuple[str, Prepaid | Trade | Closed | Failure]
AUTHORISE, VOID = AttemptKind.AUTHORISE, AttemptKind.VOID
IN_FLIGHT, WAITING = AttemptStatus.IN_FLIGHT, AttemptStatus.WAITING


async def played(
    script: list[Line], operation: str, kind: AttemptKind, status: AttemptStatus, later: timedelta
) -> Outcome:
    """The outcome, once every line of the script was asked for."""
    api = ScriptedApi(*script)
    trades = Trades(api, SetClock(NOON + later))
    outcome: Outcome = await getattr(trades, operation)(an_attempt(kind, status))
    assert api.done
    return outcome


NOW = timedelta(0)
LATE = timedelta(minutes=16)
VERY_LATE = timedelta(minutes=21)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([A_CODE], SHOWN),
        ([("prepay", Prepaid(h5_url="https://wx"))], Unknown),
        ([("prepay", Failure(Why.NOT_SENT))], NotSent),
        ([("prepay", Failure(Why.BUSY))], NotSent),
        ([("prepay", Failure(Why.LOST))], Unknown),
        ([("prepay", Failure(Why.DENIED))], Refused("WeChat Pay does not accept the configured credentials.")),
        ([INVALID], Refused("WeChat Pay refused the request: PARAM_ERROR.")),
        ([("prepay", Failure(Why.PAID)), IS_PAID], PAID),
        ([("prepay", Failure(Why.CLOSED)), IS_CLOSED], Canceled(None)),
        ([("prepay", Failure(Why.PAID)), NO_ANSWER], Unknown),
    ],
)
async def test_an_authorisation_asks_once(script: list[Line], outcome: Outcome | type[Outcome]) -> None:
    """What is paid or closed already is looked at; no other answer is asked about."""
    found = await played(script, "authorise", AUTHORISE, IN_FLIGHT, NOW)
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


@pytest.mark.parametrize(
    ("script", "later", "outcome"),
    [
        # Found as it is.
        ([IS_PAID], NOW, PAID),
        ([("query", Trade(TradeState.REFUND, "4200001", 10000, NOON))], NOW, PAID),
        ([IS_CLOSED], NOW, Canceled(None)),
        ([FAILED], NOW, Declined),
        ([("query", Trade(TradeState.ACCEPT))], NOW, Waiting(None)),
        ([NO_ANSWER], NOW, Unknown),
        ([("query", Failure(Why.NOT_SENT))], NOW, Unknown),
        ([("query", Failure(Why.DENIED))], NOW, Unknown),
        # Asked for again, under the same number.
        ([NOT_PAID, A_CODE], NOW, SHOWN),
        ([NO_ORDER, A_CODE], NOW, SHOWN),
        ([NO_ORDER, ("prepay", Failure(Why.NOT_SENT))], NOW, Unknown),
        ([NO_ORDER, ("prepay", Failure(Why.BUSY))], NOW, Unknown),
        ([NO_ORDER, ("prepay", Failure(Why.DENIED))], NOW, Unknown),
        ([NO_ORDER, ("prepay", Failure(Why.PAID)), IS_PAID], NOW, PAID),
        # A refusal is believed once it is certain that the first call did not get through.
        ([NO_ORDER, INVALID, NO_ORDER], NOW, Refused("WeChat Pay refused the request: PARAM_ERROR.")),
        ([NOT_PAID, INVALID, IS_PAID], NOW, PAID),
        ([NOT_PAID, INVALID, NOT_PAID], NOW, Unknown),
        ([NO_ORDER, INVALID, NO_ANSWER], NOW, Unknown),
        # Over: ended, never asked for again.
        ([NOT_PAID, CLOSES, IS_CLOSED], LATE, Canceled(None)),
        ([NO_ORDER, ("close", Failure(Why.NOT_FOUND)), NO_ORDER], LATE, Unknown),
        ([NO_ORDER], VERY_LATE, Canceled(None)),
    ],
)
async def test_an_authorisation_whose_answer_was_lost_is_found_or_made(
    script: list[Line], later: timedelta, outcome: Outcome | type[Outcome]
) -> None:
    """Looked for first; whatever is sent again is sent under the same number; never NotSent."""
    found = await played(script, "resume", AUTHORISE, IN_FLIGHT, later)
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


@pytest.mark.parametrize("operation", ["resume", "fetch"])
@pytest.mark.parametrize(
    ("line", "later", "outcome"),
    [
        (NOT_PAID, NOW, Unpaid()),
        (NOT_PAID, VERY_LATE, Unpaid()),
        (("query", Trade(TradeState.USERPAYING)), NOW, Unpaid()),
        (IS_PAID, NOW, PAID),
        (IS_CLOSED, LATE, Canceled(None)),
        (NO_ORDER, NOW, Unpaid()),
        (NO_ORDER, LATE, Unpaid()),
        (NO_ORDER, VERY_LATE, Canceled(None)),
        (NO_ANSWER, VERY_LATE, Unknown("WeChat Pay has not told yet where it stands.")),
    ],
)
async def test_a_payment_that_waits_for_its_customer_is_only_looked_at(
    operation: str, line: Line, later: timedelta, outcome: Outcome
) -> None:
    """That there is no such order proves nothing until the time to pay, and a margin for clocks, is over."""
    assert await played([line], operation, AUTHORISE, WAITING, later) == outcome


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ([NOT_PAID, CLOSES, IS_CLOSED], Canceled(None)),
        ([FAILED, CLOSES, IS_CLOSED], Canceled(None)),
        ([IS_CLOSED], Canceled(None)),
        ([IS_PAID], PAID),
        ([NOT_PAID, ("close", Failure(Why.PAID)), IS_PAID], PAID),
        ([NOT_PAID, ("close", Failure(Why.CLOSED)), IS_CLOSED], Canceled(None)),
        ([NOT_PAID, ("close", Failure(Why.PAYING)), NOT_PAID], Unpaid()),
        ([NOT_PAID, CLOSES, IS_PAID], PAID),
        ([NOT_PAID, CLOSES, NOT_PAID], Unknown),
        ([NOT_PAID, CLOSES, NO_ANSWER], Unknown),
        ([NOT_PAID, ("close", Failure(Why.LOST))], Unknown),
        ([NOT_PAID, ("close", Failure(Why.BUSY))], Unknown),
        ([NO_ORDER, ("close", Failure(Why.NOT_FOUND)), NO_ORDER], Unknown),
        ([NO_ORDER, CLOSES, IS_CLOSED], Canceled(None)),
        ([NO_ANSWER], Unknown),
    ],
)
@pytest.mark.parametrize("operation", ["void", "resume"])
async def test_a_void_is_query_close_query(
    operation: str, script: list[Line], outcome: Outcome | type[Outcome]
) -> None:
    """Canceled only when WeChat Pay says after the closing that the order is closed; what was paid meanwhile is paid."""
    found = await played(script, operation, VOID, IN_FLIGHT, NOW)
    assert found == outcome if not isinstance(outcome, type) else isinstance(found, outcome)


async def test_a_void_that_could_not_be_sent_says_so_once() -> None:
    """The first time nothing was sent; of an earlier time it says nothing."""
    gone: list[Line] = [("query", Failure(Why.NOT_SENT))]
    assert isinstance(await played(gone, "void", VOID, IN_FLIGHT, NOW), NotSent)
    assert isinstance(await played(gone, "resume", VOID, IN_FLIGHT, NOW), Unknown)


@pytest.mark.parametrize(
    "trade",
    [
        Trade(TradeState.SUCCESS, "4200001", 9999, NOON),
        Trade(TradeState.SUCCESS, "4200001", None, NOON),
        Trade(TradeState.SUCCESS, None, 10000, NOON),
    ],
)
async def test_another_amount_or_no_number_is_not_our_payment(trade: Trade) -> None:
    """An order under our number that is not the one we asked for is a matter for a person, not a success."""
    assert isinstance(await played([("query", trade)], "fetch", AUTHORISE, WAITING, NOW), Unknown)


async def test_an_h5_page_leads_back_to_the_shop() -> None:
    """The page behind the payment is appended, escaped."""
    wish = a_wish({"channel": "h5", "client_ip": "14.23.150.211"}, return_url="https://shop.example/done?a=1&b=茶")
    api = ScriptedApi(("prepay", Prepaid(h5_url="https://wx.tenpay.com/checkmweb?prepay_id=wx1")))
    outcome = await Trades(api, SetClock()).authorise(an_attempt(wish=wish))
    assert isinstance(outcome, Waiting)
    assert outcome.next_action == NextAction(
        NextActionKind.REDIRECT,
        "https://wx.tenpay.com/checkmweb?prepay_id=wx1&redirect_url=https%3A%2F%2Fshop.example%2Fdone%3Fa%3D1%26b%3D%E8%8C%B6",
    )


async def test_the_client_sdk_is_given_the_same_parameters_again() -> None:
    """Time and nonce are the attempt's own."""
    wish = a_wish({"channel": "jsapi", "openid": "o1"}, return_url=RETURN_URL)
    outcomes = [
        await Trades(
            ScriptedApi(("prepay", Prepaid(prepay_id="wx1"))), SetClock(NOON + timedelta(minutes=n))
        ).authorise(an_attempt(wish=wish))
        for n in range(2)
    ]
    assert outcomes[0] == outcomes[1]
    assert isinstance(outcomes[0], Waiting)
    assert outcomes[0].next_action == NextAction(
        NextActionKind.INVOKE_SDK,
        parameters=(("package", "wx1"), ("timeStamp", "1705320000"), ("nonceStr", "0" * 31 + "1")),
    )
