"""What an attempt stores of a wish is all that it takes to make its page again."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from gateways.alipay.adapter import AlipayGateway
from gateways.alipay.request import code_content, page_content, payment_content, stored_request
from gateways.rsa_keys import verified
from server.domain.attempt import Attempt
from server.domain.errors import InvalidAmount
from server.domain.gateway import Instrument, RawCard, Wish
from server.domain.money import Money
from server.domain.outcomes import Tokenised, Unusable, Waiting
from server.domain.payment import CaptureMethod, PaymentMethodKind
from tests.builders import a_payment
from tests.builders import an_attempt as an_attempt_of
from tests.contract.gateways import a_wish
from tests.unit.gateways.alipay.answering import setup
from tests.unit.gateways.alipay.merchant import APP_ID, NOTIFY_URL, SELLER_ID, a_key

NOW = datetime(2024, 1, 1, 4, 0, 0, 500_000, tzinfo=UTC)
BACK = "https://shop.example/return"
QUARTER = timedelta(minutes=15)


def wished(**changes: object) -> Wish:
    return a_wish(kind=PaymentMethodKind.ALIPAY, token=None, **changes)


def stored(**changes: object) -> dict[str, str]:
    return dict(stored_request(wished(**changes), BACK, NOW, QUARTER))


def an_attempt(**changes: object) -> Attempt:
    payment = a_payment("100.00", "CNY")
    return an_attempt_of(payment, request=stored(**changes), created_at=NOW.replace(microsecond=0))


def test_a_wish_is_stored_as_text() -> None:
    """With the end of its time in it, so that a setting that changes later changes nothing of it."""
    assert stored() == {
        "capture_method": "automatic",
        "channel": "page",
        "expires_at": "2024-01-01T04:15:00+00:00",
        "minutes": "15",
        "return_url": BACK,
    }


def test_a_page_is_built_from_what_is_stored() -> None:
    """The amount with two decimals, the end of its time at GMT+8, and a subject that names our reference."""
    attempt = an_attempt()
    assert page_content(attempt) == {
        "out_trade_no": attempt.reference,
        "total_amount": "100.00",
        "subject": f"订单 {attempt.reference}",
        "product_code": "FAST_INSTANT_TRADE_PAY",
        "time_expire": "2024-01-01 12:15:00",
    }


@pytest.mark.parametrize(
    ("cancel_url", "quit_url"), [(None, BACK), ("https://shop.example/cart", "https://shop.example/cart")]
)
def test_a_phone_has_a_way_back(cancel_url: str | None, quit_url: str) -> None:
    """Alipay asks for one on a phone."""
    content = page_content(an_attempt(details={"channel": "wap"}, cancel_url=cancel_url))
    assert (content["product_code"], content["quit_url"]) == ("QUICK_WAP_WAY", quit_url)


def test_a_code_and_its_capture_are_of_one_product() -> None:
    """The minutes count from the call; a capture takes its amount and releases the rest. The payee is named where it is known."""
    attempt = an_attempt(capture_method=CaptureMethod.MANUAL, description="A room")
    assert code_content(attempt, SELLER_ID) == {
        "out_order_no": attempt.reference,
        "out_request_no": attempt.reference,
        "order_title": "A room",
        "amount": "100.00",
        "product_code": "PRE_AUTH",
        "pay_timeout": "15m",
        "payee_user_id": SELLER_ID,
    }
    assert payment_content(attempt, "auth", {"buyer_id": "2088"}, None) == {
        "out_trade_no": attempt.reference,
        "total_amount": "100.00",
        "subject": "A room",
        "product_code": "PRE_AUTH",
        "auth_no": "auth",
        "auth_confirm_mode": "COMPLETE",
        "buyer_id": "2088",
    }


@pytest.mark.parametrize(
    ("description", "subject"),
    [
        ("Two cups of tea", "Two cups of tea"),
        ("a/b=c&d", "a b c d"),
        ("tea 🍵 <b>\n\x00", "tea b"),
        ("  ", None),
        ("🍵", None),
        ("茶" * 300, "茶" * 256),
    ],
)
def test_a_subject_is_what_alipay_takes(description: str, subject: str | None) -> None:
    """Neither the characters that it forbids nor more than 256."""
    assert stored(description=description).get("subject") == subject


def test_a_title_is_shorter_than_a_subject() -> None:
    """A pre-authorisation's has half of a hundred letters' room."""
    assert code_content(an_attempt(description="茶" * 60), None)["order_title"] == "茶" * 50


def test_an_address_that_alipay_would_refuse_is_left_out() -> None:
    """The customer returns to the default page then."""
    long = f"https://shop.example/{'x' * 240}"
    assert stored(return_url=long)["return_url"] == BACK
    assert stored(return_url="https://shop.example/thanks")["return_url"] == "https://shop.example/thanks"
    assert "quit_url" not in stored(cancel_url=long * 2)


async def test_a_page_address_holds_everything_signed() -> None:
    """The time is the attempt's, so that the address never changes; the signature is the merchant's, over all of it."""
    gateway = AlipayGateway(setup(None))  # type: ignore[arg-type]
    attempt = an_attempt(return_url="https://shop.example/thanks?a=1&b=2")
    page = await gateway.authorise(attempt)
    assert isinstance(page, Waiting)
    assert page.next_action is not None
    url = page.next_action.url or ""
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "openapi.alipay.com", "/gateway.do")
    query = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
    content = "&".join(f"{name}={query[name]}" for name in sorted(query) if name != "sign")
    assert verified(a_key("app").public_key(), content.encode(), query["sign"])
    assert json.loads(query.pop("biz_content")) == page_content(attempt)
    del query["sign"]
    assert query == {
        "app_id": APP_ID,
        "charset": "utf-8",
        "method": "alipay.trade.page.pay",
        "notify_url": NOTIFY_URL,
        "return_url": "https://shop.example/thanks?a=1&b=2",
        "sign_type": "RSA2",
        "timestamp": "2024-01-01 12:00:00",
        "version": "1.0",
    }
    assert (await gateway.authorise(attempt)) == page
    await gateway.aclose()


@pytest.mark.parametrize("details", [None, {}, {"channel": "page"}, {"channel": "wap"}, {"channel": ""}])
async def test_there_is_nothing_to_make_a_token_of(details: dict[str, str] | None) -> None:
    """Alipay knows its customer itself."""
    gateway = AlipayGateway(setup())
    assert await gateway.tokenise(Instrument(PaymentMethodKind.ALIPAY, details=details), "k") == Tokenised(None)


@pytest.mark.parametrize(
    ("instrument", "field"),
    [
        (Instrument(PaymentMethodKind.ALIPAY, details={"channel": "app"}), "alipay.channel"),
        (Instrument(PaymentMethodKind.ALIPAY, token="pm_1"), "type"),
        (Instrument(PaymentMethodKind.ALIPAY, RawCard("4242424242424242", 1, 2040, None)), "type"),
        (Instrument(PaymentMethodKind.CARD, token="pm_1"), "type"),
    ],
    ids=["channel", "token", "card", "kind"],
)
async def test_another_way_to_pay_is_unusable(instrument: Instrument, field: str) -> None:
    """The field is named."""
    outcome = await AlipayGateway(setup()).tokenise(instrument, "k")
    assert isinstance(outcome, Unusable)
    assert outcome.field == field


def test_an_amount_is_checked_before_anything_is_sent() -> None:
    """By the adapter, too."""
    AlipayGateway(setup()).check_amount(Money(1, "CNY"))
    with pytest.raises(InvalidAmount):
        AlipayGateway(setup()).check_amount(Money(100_000_000_01, "CNY"))
