"""Amounts: decimal strings with exactly the currency's exponent, exact down to the gateway's own books."""

from typing import TYPE_CHECKING, Any

import pytest

from server.commands.cards import typed_card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, VISA, authorised, paid, refusal, wish
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

# What is asked for, what is answered, none of it, and the gateway's own integer: ISO 4217's exponent, but for Stripe's special currencies.
EXACT = [
    ("USD", "59.49", "59.49", "0.00", 5949),
    ("USD", "59.5", "59.50", "0.00", 5950),
    ("USD", "59", "59.00", "0.00", 5900),
    ("USD", "0059.49", "59.49", "0.00", 5949),
    ("USD", "0.50", "0.50", "0.00", 50),
    ("USD", "999999.99", "999999.99", "0.00", 99999999),
    ("CNY", "88.88", "88.88", "0.00", 8888),
    ("JPY", "100", "100", "0", 100),
    ("KRW", "5000", "5000", "0", 5000),
    ("KWD", "1.230", "1.230", "0.000", 1230),
    ("KWD", "1.23", "1.230", "0.000", 1230),
    ("BHD", "7", "7.000", "0.000", 7000),
    ("ISK", "1200", "1200", "0", 120000),
    ("UGX", "5000", "5000", "0", 500000),
    ("MGA", "400", "400.00", "0.00", 400),
    ("HUF", "500.50", "500.50", "0.00", 50050),
    ("TWD", "30.10", "30.10", "0.00", 3010),
]


@pytest.mark.parametrize(("currency", "asked", "answered", "nothing", "at_gateway"), EXACT)
async def test_an_amount_is_exact_on_both_sides(
    rest: RestClient, sandbox: SandboxClient, currency: str, asked: str, answered: str, nothing: str, at_gateway: int
) -> None:
    """Fewer decimals are accepted, exactly the exponent's are answered, and the gateway takes that much and no other."""
    payment = await paid(rest, amount=asked, currency=currency)
    assert (payment["amount"], payment["captured_amount"], payment["refunded_amount"]) == (answered, answered, nothing)
    (truth,) = await sandbox.payments(payment["reference"])
    taken = (truth["amount_minor"], truth["captured_minor"], truth["currency"])
    assert taken == (at_gateway, at_gateway, currency.lower())


@pytest.mark.parametrize(
    ("currency", "amount", "captured", "answered", "at_gateway"),
    [
        ("JPY", "1000", "1", "1", 1),
        ("KWD", "12.340", "12.33", "12.330", 12330),
        ("ISK", "1200", "700", "700", 70000),
        ("MGA", "400", "399", "399.00", 399),
    ],
)
async def test_a_part_is_captured_as_exactly(
    rest: RestClient, sandbox: SandboxClient, currency: str, amount: str, captured: str, answered: str, at_gateway: int
) -> None:
    """Capturing a part counts in the same units."""
    payment = await authorised(rest, amount=amount, currency=currency)
    answer = await rest.post(f"{PAYMENTS}/{payment['id']}/capture", {"amount": captured})
    assert (answer.status, answer.json["captured_amount"]) == (200, answered)
    assert [one["captured_minor"] for one in await sandbox.payments(payment["reference"])] == [at_gateway]


NO_AMOUNTS: list[Any] = [
    *("0", "0.00", "-1", "-0.01", "+5", "1e2", "1E2", "NaN", "Infinity", "0x10", "59,49", "1 000", "1_000", " 5", "5 "),
    *("", ".5", "5.", "5.4.9", "59.499", "0.001", "$5", "٥٩", "5\n", "1000000000000", "999999999999.01", "9" * 40),
    *(59.49, 59, True, [], {"value": "5"}),
]


@pytest.mark.parametrize("amount", NO_AMOUNTS, ids=repr)
async def test_what_is_no_amount_is_refused(rest: RestClient, amount: object) -> None:
    """Zero, negative, exponents, too many decimals, more than 999999999999 and everything that is no string."""
    told = refusal(await rest.post(PAYMENTS, wish(amount=amount)))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (400, "INVALID_AMOUNT", "not_sent", False)
    assert told.fields == ["amount"]


async def test_an_amount_is_required(rest: RestClient) -> None:
    """Without one nothing can be paid."""
    told = refusal(await rest.post(PAYMENTS, wish(amount=None)))
    assert (told.status, told.code, told.fields) == (400, "INVALID_AMOUNT", ["amount"])


@pytest.mark.parametrize(
    ("currency", "amount"),
    [
        ("JPY", "100.5"),
        ("JPY", "100.0"),
        ("KWD", "1.2345"),
        # Stripe takes three-decimal amounts only with a 0 at their end, and no decimals in MGA; ISK has none in ISO 4217.
        ("KWD", "1.234"),
        ("MGA", "400.50"),
        ("ISK", "1200.00"),
    ],
)
async def test_what_currency_or_gateway_cannot_express_is_refused_before_anything_is_sent(
    rest: RestClient, sandbox: SandboxClient, currency: str, amount: str
) -> None:
    """INVALID_AMOUNT, and the gateway has heard of nothing."""
    before = len(await sandbox.payments())
    told = refusal(await rest.post(PAYMENTS, wish(amount=amount, currency=currency)))
    assert (told.status, told.code, told.fields, told.outcome) == (400, "INVALID_AMOUNT", ["amount"], "not_sent")
    assert len(await sandbox.payments()) == before


@pytest.mark.parametrize(("currency", "amount"), [("USD", "0.49"), ("USD", "999999999999"), ("EUR", "0.01")])
async def test_what_the_gateway_itself_finds_too_small_or_too_large_fails(
    rest: RestClient, currency: str, amount: str
) -> None:
    """Its limits depend on the merchant's account and are its own to tell: the payment is kept as failed, and no money moved."""
    told = refusal(await rest.post(PAYMENTS, wish(amount=amount, currency=currency)))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (502, "GATEWAY_ERROR", "declined", False)
    kept = await rest.get(f"{PAYMENTS}/{told.details[0]['payment_id']}")
    assert (kept.json["status"], kept.json["failure_code"]) == ("failed", "GATEWAY_ERROR")


@pytest.mark.parametrize("currency", ["", "US", "USDT", "usd", "XXX", "ZZZ", "XAU", 840, None])
async def test_what_is_no_currency_is_refused(rest: RestClient, currency: object) -> None:
    """Only codes of ISO 4217 that name money, in upper case."""
    told = refusal(await rest.post(PAYMENTS, wish(currency=currency)))
    assert (told.status, told.code, told.fields) == (400, "INVALID_CURRENCY", ["currency"])


@pytest.mark.parametrize("currency", ["IRR", "KPW", "CLF"])
async def test_a_currency_that_the_gateway_does_not_take_is_refused(rest: RestClient, currency: str) -> None:
    """Money all the same, but not Stripe's."""
    told = refusal(await rest.post(PAYMENTS, wish(currency=currency)))
    assert (told.status, told.code, told.fields) == (400, "INVALID_CURRENCY", ["currency"])


@pytest.mark.parametrize(
    ("amount", "currency", "reason"),
    [("0", "USD", "INVALID_AMOUNT"), ("1.234", "USD", "INVALID_AMOUNT"), ("5", "usd", "INVALID_CURRENCY")],
)
async def test_the_same_is_refused_over_grpc(
    payments: "PaymentServiceAsyncStub", service: Development, amount: str, currency: str, reason: str
) -> None:
    """INVALID_ARGUMENT with the reason and the field."""
    wanted = pb.CreatePaymentRequest(amount=amount, currency=currency, payment_method=typed_card(VISA))
    told = await refused(payments.CreatePayment(wanted, metadata=a_callers_metadata(service.secret_key)))
    assert (told.code.name, told.reason) == ("INVALID_ARGUMENT", reason)
    assert [field for field, _ in told.violations] == ["currency" if "CURRENCY" in reason else "amount"]
