"""No notification of Alipay's is believed on its word."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateways.alipay.callback import read_callback
from gateways.alipay.config import Credentials
from gateways.alipay.dialect import AlipayDialect
from server.domain.callback import (
    CallbackFormat,
    CallbackMessage,
    CheckResult,
    NoNews,
    PaymentNews,
    Reading,
    RefundNews,
    Reply,
    Unreadable,
)
from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Refunded
from tests.unit.gateways.alipay.merchant import (
    APP_ID,
    SELLER_ID,
    a_config,
    a_documented,
    a_form,
    a_paid_trade,
    as_form,
    signed,
)

PAID_AT = datetime(2024, 1, 1, 4, 0, tzinfo=UTC)
APPROVED = Approved("2024010122001234567890", 10000, captured=True, paid_at=PAID_AT)
DOCUMENTED = {
    "out_trade_no": "20240101123456789",
    "trade_no": "2024010122001234567890",
    "trade_status": "TRADE_SUCCESS",
    "total_amount": "100.00",
    "gmt_payment": "2024-01-01 12:00:00",
}
FREEZE = {
    "notify_type": "fund_auth_freeze",
    "notify_id": "n1",
    "app_id": APP_ID,
    "auth_no": "2024010110002001290004001234",
    "out_order_no": "20240101123456789",
    "operation_type": "FREEZE",
    "status": "SUCCESS",
    "amount": "100.00",
    "rest_amount": "100.00",
    "total_pay_amount": "0.00",
    "payee_user_id": SELLER_ID,
}


def read(message: CallbackMessage, **config: str) -> Reading:
    return read_callback(message, Credentials.read(a_config(seller_id=SELLER_ID, **config)))


def of_form(fields: Mapping[str, str], charset: str = "utf-8") -> Reading:
    return read(a_form(as_form(signed(fields, charset), charset)))


def results(reading: Reading) -> dict[str, str]:
    return {check.name: check.result.value for check in reading.checks}


def failed_at(reading: Reading) -> str:
    """The one check that failed; what follows it was not made, and there is no news."""
    made = [check for check in reading.checks if check.result is not CheckResult.SKIPPED]
    assert reading.news is None
    assert [check.result for check in made] == [CheckResult.PASSED] * (len(made) - 1) + [CheckResult.FAILED]
    return made[-1].name


def test_a_paid_page_is_a_payment() -> None:
    """Every check passed, in order; the amount and Beijing's time are ours."""
    reading = of_form(a_paid_trade())
    assert results(reading) == dict.fromkeys(
        ("format", "sign_type", "signature", "app_id", "seller_id", "content"), "passed"
    )
    assert reading.news == PaymentNews(APPROVED, Money(10000, "CNY"))
    assert reading.reference == "20240101123456789"
    assert reading.gateway_payment_id == "2024010122001234567890"
    assert reading.event_id == "2024010100222120003012345678"


def test_a_trade_that_is_finished_was_paid() -> None:
    """TRADE_FINISHED is what TRADE_SUCCESS becomes, and some products begin with it."""
    assert of_form(a_paid_trade(trade_status="TRADE_FINISHED")).news == PaymentNews(APPROVED, Money(10000, "CNY"))


@pytest.mark.parametrize("charset", ["GBK", "gb2312", "gb18030", "UTF-8"])
def test_a_notification_is_read_in_its_charset(charset: str) -> None:
    """The signature covers the bytes of the charset that the notification declares."""
    reading = of_form(a_paid_trade(charset=charset), charset)
    assert isinstance(reading.news, PaymentNews)


@pytest.mark.parametrize(
    "change",
    [
        {"total_amount": "1.00"},
        {"out_trade_no": "20240101123456780"},
        {"body": "x"},
        {"new": ""},
        {"trade_status": "TRADE_FINISHED"},
        {"sign": ""},
        {"sign": "!!!"},
        {"sign": "é"},
        {"sign": "QUJD"},
    ],
    ids=str,
)
def test_a_notification_that_was_altered_is_refused(change: dict[str, str]) -> None:
    """A field changed, added, or the signature itself."""
    assert failed_at(read(a_form(as_form({**signed(a_paid_trade()), **change})))) == "signature"


@pytest.mark.parametrize("name", ["sign", "body", "gmt_payment", "total_amount"])
def test_a_notification_that_lacks_something_signed_is_refused(name: str) -> None:
    """An empty field is signed like any other."""
    fields = signed(a_paid_trade())
    del fields[name]
    assert failed_at(read(a_form(as_form(fields)))) == "signature"


def test_a_signature_by_somebody_else_is_refused() -> None:
    """The merchant's own key signs nothing for Alipay either."""
    for owner in ("somebody", "app"):
        assert failed_at(read(a_form(as_form(signed(a_paid_trade(), owner=owner))))) == "signature"


@pytest.mark.parametrize("sign_type", [None, "", "RSA", "rsa2", "MD5", "RSA2 ", "DSA"])
def test_a_weaker_signature_is_refused(sign_type: str | None) -> None:
    """sign_type is not signed itself: anything but RSA2 is a downgrade."""
    assert failed_at(read(a_form(as_form(signed(a_paid_trade(), sign_type=sign_type))))) == "sign_type"


@pytest.mark.parametrize("app_id", ["2021001234567891", "", "-"])
def test_a_notification_for_another_application_is_refused(app_id: str) -> None:
    """However well it is signed; Alipay's own ones always name one."""
    reading = of_form(a_paid_trade(app_id=app_id))
    assert failed_at(reading) == "app_id"
    check = next(check for check in reading.checks if check.name == "app_id")
    assert check.expected == APP_ID


@pytest.mark.parametrize("seller_id", ["2088000000000000", "", "-"])
def test_a_notification_for_another_merchant_is_refused(seller_id: str) -> None:
    """Where we know which merchant it must be."""
    assert failed_at(of_form(a_paid_trade(seller_id=seller_id))) == "seller_id"


def test_without_a_known_merchant_none_is_compared() -> None:
    """The application is."""
    message = a_form(as_form(signed(a_paid_trade(seller_id="2088000000000000"))))
    reading = read_callback(message, Credentials.read(a_config()))
    assert results(reading)["seller_id"] == "skipped"
    assert isinstance(reading.news, PaymentNews)


@pytest.mark.parametrize("amount", ["-1", "0", "1e2", "１００", "NaN", "9223372036854775808", "", "-"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    """Even a signed one."""
    assert failed_at(of_form(a_paid_trade(total_amount=amount))) == "content"


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "TRADE_PENDING", "trade_success", "X" * 500])
def test_a_status_that_is_no_success_posts_nothing(status: str) -> None:
    """It is taken note of."""
    reading = of_form(a_paid_trade(trade_status=status, gmt_payment="-"))
    assert isinstance(reading.news, NoNews)
    assert len(reading.news.why) < 200


def test_a_trade_that_closed_unpaid_is_ended() -> None:
    """The customer can pay it no more."""
    reading = of_form(a_paid_trade(trade_status="TRADE_CLOSED", gmt_payment="-"))
    assert reading.news == PaymentNews(Canceled("2024010122001234567890"))


def test_a_trade_that_closed_after_it_was_paid_is_not_ended() -> None:
    """Alipay closes a trade when all of it is returned; of that the refund's own notification tells."""
    assert isinstance(of_form(a_paid_trade(trade_status="TRADE_CLOSED")).news, NoNews)


@pytest.mark.parametrize("status", ["TRADE_SUCCESS", "TRADE_CLOSED", "TRADE_FINISHED"])
def test_a_refund_is_told_apart_from_a_payment(status: str) -> None:
    """By its own fields; its amount is not named, as refund_fee is all that was returned so far."""
    refund = {"out_biz_no": "R1", "refund_fee": "30.00", "gmt_refund": "2024-01-02 12:00:00.123"}
    reading = of_form(a_paid_trade(trade_status=status, **refund))
    assert reading.news == RefundNews(Refunded("R1"), reference="R1", gateway_refund_id="R1")


def test_a_refund_without_a_number_is_none_of_ours() -> None:
    """It is no payment either."""
    reading = of_form(a_paid_trade(refund_fee="30.00", gmt_refund="2024-01-02 12:00:00.123"))
    assert isinstance(reading.news, NoNews)


def test_a_freeze_reserves() -> None:
    """The payee is the merchant, and the order's number is ours."""
    reading = of_form(FREEZE)
    assert reading.news == PaymentNews(Approved(FREEZE["auth_no"], 10000, captured=False), Money(10000, "CNY"))
    assert (reading.reference, reading.gateway_payment_id) == (FREEZE["out_order_no"], FREEZE["auth_no"])


@pytest.mark.parametrize(
    ("rest", "paid", "ended"),
    [
        ("0.00", "0.00", True),
        ("40.00", "0.00", False),
        ("0.00", "60.00", False),
        ("0.00", "", False),
        ("", "0.00", False),
    ],
)
def test_only_a_release_of_everything_ends_a_reservation(rest: str, paid: str, ended: bool) -> None:
    """A rest is still reserved, and what was paid stays paid."""
    fields = {**FREEZE, "operation_type": "UNFREEZE", "rest_amount": rest, "total_pay_amount": paid}
    news = of_form(fields).news
    assert news == PaymentNews(Canceled(FREEZE["auth_no"])) if ended else isinstance(news, NoNews)


def test_a_freeze_that_did_not_succeed_reserves_nothing() -> None:
    """Its status says so."""
    assert isinstance(of_form({**FREEZE, "status": "CLOSED"}).news, NoNews)


def test_a_freeze_for_another_payee_is_refused() -> None:
    """The payee is the seller."""
    assert failed_at(of_form({**FREEZE, "payee_user_id": "2088000000000000"})) == "seller_id"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"out_trade_no=1&out_trade_no=2&sign=x",
        b"sign=x&%73ign=y",
        b"nonsense",
        b"=x",
        b"a=1&&b=2",
        b"charset=utf-8&subject=%FF",
        b"charset=utf-16&subject=x",
        b"charset=rot13",
        b"charset=%ff",
        b"&".join(b"f%d=" % number for number in range(201)),
    ],
    ids=lambda body: body[:24],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    """Duplicate fields, a charset that is not the declared one, and whatever is no form."""
    reading = read(a_form(body))
    assert reading.news is None
    assert CheckResult.FAILED in [check.result for check in reading.checks[:2]]


def test_the_documented_notification_is_believed_by_its_signature() -> None:
    """It carries no application and no merchant; gateway is routing and not signed."""
    reading = read(a_documented(signed(DOCUMENTED)))
    assert reading.news == PaymentNews(APPROVED, Money(10000, "CNY"))
    assert results(reading)["app_id"] == results(reading)["seller_id"] == "skipped"
    assert reading.reference == "20240101123456789"


def test_the_documented_notification_with_another_application_is_refused() -> None:
    """Absent it is not compared, present it must agree."""
    assert failed_at(read(a_documented(signed({**DOCUMENTED, "app_id": "2021001234567891"})))) == "app_id"
    assert isinstance(read(a_documented(signed({**DOCUMENTED, "app_id": APP_ID}))).news, PaymentNews)


def test_the_documented_notification_needs_its_signature() -> None:
    """A JSON that anybody wrote is no payment."""
    assert failed_at(read(a_documented({**DOCUMENTED, "sign": "...", "sign_type": "RSA2"}))) == "signature"
    assert failed_at(read(a_documented(DOCUMENTED))) == "sign_type"


def test_a_signature_that_fails_says_what_it_covers() -> None:
    """An operator compares that with what Alipay's console shows; no key is in it, and no value."""
    reading = read(a_form(as_form({**signed(a_paid_trade()), "total_amount": "1.00"})))
    check = next(check for check in reading.checks if check.name == "signature")
    assert check.explanation is not None
    assert "app_id, auth_app_id, body" in check.explanation
    assert "1.00" not in check.explanation
    assert check.explanation.endswith(", version")


def test_the_dialect_knows_its_own() -> None:
    """Alipay's form and the documented JSON; neither PayPal's form nor another gateway's JSON."""
    dialect = AlipayDialect()
    assert dialect.recognises(a_form(as_form(signed(a_paid_trade()))))
    assert dialect.recognises(a_form(as_form(a_paid_trade())))
    assert dialect.recognises(a_documented(DOCUMENTED))
    assert not dialect.recognises(a_form(b"txn_id=1&verify_sign=x&notify_version=3.9&payment_status=Completed"))
    assert not dialect.recognises(a_form(b"nonsense"))
    assert not dialect.recognises(a_documented({"out_trade_no": "1", "transaction_id": "2", "result_code": "SUCCESS"}))
    assert not dialect.recognises(replace(a_form(b"sign=x"), format=CallbackFormat.XML))


def test_the_dialect_finds_our_number_before_it_believes_anything() -> None:
    """A trade's, a pre-authorisation's; none where there is none."""
    dialect = AlipayDialect()
    assert dialect.reference_in(a_form(as_form(a_paid_trade()))) == "20240101123456789"
    assert dialect.reference_in(a_form(as_form(FREEZE))) == FREEZE["out_order_no"]
    assert dialect.reference_in(a_documented(DOCUMENTED)) == "20240101123456789"
    assert dialect.reference_in(a_form(b"sign=x")) is None
    with pytest.raises(Unreadable):
        dialect.reference_in(a_form(b"out_trade_no=1&out_trade_no=2"))


def test_alipay_is_answered_in_its_own_words() -> None:
    """`success` as bare text ends it; everything else makes it come again."""
    dialect, message = AlipayDialect(), a_form(b"sign=x")
    answers = {reply: dialect.acknowledgement(message, reply) for reply in Reply}
    assert (answers[Reply.ACCEPTED].status, answers[Reply.ACCEPTED].body) == (200, b"success")
    assert (answers[Reply.REFUSED].status, answers[Reply.REFUSED].body) == (400, b"fail")
    assert (answers[Reply.LATER].status, answers[Reply.LATER].body) == (503, b"fail")
