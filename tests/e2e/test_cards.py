"""Cards: declines in the documented codes, raw numbers and the gateway's tokens alike, and one fingerprint for one card."""

from typing import TYPE_CHECKING, Any

import pytest

from server.commands.cards import card, typed_card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, VISA, paid, read, refusal, token, wish
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

DECLINES = [
    ("4000000000000002", "tok_chargeDeclined", "CARD_DECLINED"),
    ("4000000000009987", "tok_visa_chargeDeclinedLostCard", "CARD_DECLINED"),
    ("4000000000009979", "tok_visa_chargeDeclinedStolenCard", "CARD_DECLINED"),
    ("4000000000006975", "tok_visa_chargeDeclinedVelocityLimitExceeded", "CARD_DECLINED"),
    ("4100000000000019", "tok_radarBlock", "CARD_DECLINED"),
    ("4000000000009995", "tok_chargeDeclinedInsufficientFunds", "INSUFFICIENT_FUNDS"),
    ("4000000000000069", "tok_chargeDeclinedExpiredCard", "EXPIRED_CARD"),
    ("4000000000000127", "tok_chargeDeclinedIncorrectCvc", "INCORRECT_CVC"),
    ("4000000000000119", "tok_chargeDeclinedProcessingError", "PROCESSING_ERROR"),
]


@pytest.mark.parametrize(("number", "_token", "code"), DECLINES)
async def test_a_decline_is_402_with_its_documented_code_and_keeps_the_payment(
    rest: RestClient, sandbox: SandboxClient, number: str, _token: str, code: str
) -> None:
    """The details carry the payment's id; it is failed, says why, and no money moved."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method=card(number))))
    assert (told.status, told.code, told.outcome, told.retry_safe) == (402, code, "declined", False)
    (known,) = told.details
    kept = await read(rest, known["payment_id"])
    assert (kept["status"], kept["failure_code"], kept["failure_message"]) == ("failed", code, told.message)
    assert (kept["captured"], kept["captured_amount"], kept["captured_at"]) == (False, "0.00", None)
    assert kept["payment_method"]["card"]["last4"] == number[-4:]
    (truth,) = await sandbox.payments(kept["reference"])
    assert (truth["gateway_payment_id"], truth["captured_minor"]) == (kept["gateway_payment_id"], 0)


@pytest.mark.parametrize(("_number", "name", "code"), DECLINES)
async def test_a_token_is_declined_as_its_card_is(rest: RestClient, _number: str, name: str, code: str) -> None:
    """The gateway's own names for the same cards."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method=token(name))))
    assert (told.status, told.code, told.outcome) == (402, code, "declined")
    assert (await read(rest, told.details[0]["payment_id"]))["status"] == "failed"


async def test_an_authorisation_is_declined_alike(rest: RestClient) -> None:
    """Nothing is reserved either."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method=card("4000000000009995"), capture_method="manual")))
    assert (told.status, told.code) == (402, "INSUFFICIENT_FUNDS")
    kept = await read(rest, told.details[0]["payment_id"])
    assert (kept["status"], kept["expires_at"]) == ("failed", None)


@pytest.mark.parametrize(("number", "_token", "code"), [DECLINES[0], DECLINES[5]])
async def test_a_decline_over_grpc_carries_the_same(
    payments: "PaymentServiceAsyncStub", service: Development, number: str, _token: str, code: str
) -> None:
    """FAILED_PRECONDITION, so that no client repeats it by itself, with the reason and the payment's id."""
    caller = a_callers_metadata(service.secret_key)
    wanted = pb.CreatePaymentRequest(amount="59.49", currency="USD", payment_method=typed_card(number))
    told = await refused(payments.CreatePayment(wanted, metadata=caller))
    assert (told.code.name, told.reason) == ("FAILED_PRECONDITION", code)
    kept = await payments.GetPayment(pb.GetPaymentRequest(id=told.facts["payment_id"]), metadata=caller)
    assert (kept.status, kept.failure_code) == (pb.PAYMENT_STATUS_FAILED, code)


async def test_the_documented_card_has_expired(rest: RestClient, sandbox: SandboxClient) -> None:
    """The document's example says 2025: sent as it stands it is declined, kept, and never reaches the issuer."""
    documented = {"number": VISA, "exp_month": 12, "exp_year": 2025, "cvc": "123"}
    told = refusal(await rest.post(PAYMENTS, wish(payment_method={"type": "card", "card": documented})))
    assert (told.status, told.code, told.outcome) == (402, "EXPIRED_CARD", "declined")
    kept = await read(rest, told.details[0]["payment_id"])
    assert (kept["status"], kept["failure_code"]) == ("failed", "EXPIRED_CARD")
    assert await sandbox.payments(kept["reference"]) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": "4242424242424241"}, "card.number"),
        ({"number": "4242"}, "card.number"),
        ({"number": "4242 4242 4242 4242"}, "card.number"),
        ({"number": 4242424242424242}, "card.number"),
        ({"number": ""}, "card.number"),
        ({"number": None}, "card.number"),
        ({"exp_month": 0}, "card.exp_month"),
        ({"exp_month": 13}, "card.exp_month"),
        ({"exp_month": "12"}, "card.exp_month"),
        ({"exp_month": None}, "card.exp_month"),
        ({"exp_year": 35}, "card.exp_year"),
        ({"exp_year": 2099}, "card.exp_year"),
        ({"exp_year": None}, "card.exp_year"),
        ({"cvc": "12"}, "card.cvc"),
        ({"cvc": "1234"}, "card.cvc"),
        ({"cvc": "abc"}, "card.cvc"),
        ({"cvc": 123}, "card.cvc"),
        ({"cvc": ""}, "card.cvc"),
    ],
)
async def test_what_cannot_be_a_card_is_refused(rest: RestClient, changes: dict[str, Any], field: str) -> None:
    """INVALID_PAYMENT_METHOD names the field; the number itself is not repeated."""
    given = card(VISA)
    given["card"] |= changes
    answer = await rest.post(PAYMENTS, wish(payment_method=given))
    told = refusal(answer)
    assert (told.status, told.code, told.outcome) == (400, "INVALID_PAYMENT_METHOD", "not_sent")
    assert told.fields == [f"payment_method.{field}"]
    assert not any(digits in answer.body for digits in (b"424242", b"4242 4242"))


async def test_a_card_needs_no_cvc(rest: RestClient) -> None:
    """Where the caller has none, the issuer decides."""
    given = card(VISA)
    del given["card"]["cvc"]
    assert (await paid(rest, payment_method=given))["status"] == "succeeded"


@pytest.mark.parametrize(
    "method",
    [
        {"type": "card"},
        {"type": "card", "token": "tok_visa", "id": "pm_1"},
        {"type": "card", "token": "tok_visa", "card": card(VISA)["card"]},
        {"type": "card", "token": "ch_1"},
        {"type": "card", "token": "tok_of_nobody"},
        {"type": "card", "token": "pm_of_nobody"},
        {"type": "card", "token": "pm_../../v1/customers"},
        {"type": "card", "alipay": {"channel": "page"}},
        {"type": "alipay", "token": "tok_visa"},
    ],
    ids=str,
)
async def test_a_method_whose_parts_do_not_fit_is_refused(rest: RestClient, method: dict[str, Any]) -> None:
    """Exactly one of a raw card, a saved one and a token of the gateway's that it knows."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method=method)))
    assert (told.status, told.code, told.outcome) == (400, "INVALID_PAYMENT_METHOD", "not_sent")
    assert told.fields[0].startswith("payment_method")


async def test_a_saved_method_that_does_not_exist_is_404(rest: RestClient) -> None:
    """`id` is a payment method of ours, and we have none of that name."""
    told = refusal(await rest.post(PAYMENTS, wish(payment_method={"type": "card", "id": "pm_1"})))
    assert (told.status, told.code) == (404, "PAYMENT_METHOD_NOT_FOUND")


async def test_a_card_has_one_fingerprint_however_it_is_given(rest: RestClient) -> None:
    """Raw number, `tok_...` and `pm_...` of one card agree, whatever the expiry; another card's differs."""
    older = card(VISA)
    older["card"] |= {"exp_month": 1, "exp_year": 2030, "cvc": "999"}
    methods = (card(VISA), older, token("tok_visa"), token("pm_card_visa"), card("5555555555554444"))
    shown = [(await paid(rest, payment_method=method))["payment_method"]["card"] for method in methods]
    *same, other = [each["fingerprint"] for each in shown]
    assert len(set(same)) == 1
    assert other not in same


async def test_a_published_token_can_be_used_again(rest: RestClient) -> None:
    """Each time it stands for a new one."""
    for name in ("tok_visa", "pm_card_visa"):
        assert [(await paid(rest, payment_method=token(name)))["status"] for _ in range(2)] == ["succeeded"] * 2


@pytest.mark.parametrize(
    ("number", "brand", "cvc"),
    [
        ("378282246310005", "amex", "1234"),
        ("6011111111111117", "discover", "123"),
        ("3056930009020004", "diners", "123"),
        ("3566002020360505", "jcb", "123"),
        ("6205500000000000004", "unionpay", "123"),
    ],
)
async def test_every_brand_is_taken(rest: RestClient, number: str, brand: str, cvc: str) -> None:
    """Numbers of 14 to 19 digits, security codes of three or four."""
    shown = (await paid(rest, payment_method=card(number, cvc)))["payment_method"]["card"]
    assert (shown["brand"], shown["last4"]) == (brand, number[-4:])
