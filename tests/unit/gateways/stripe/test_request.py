"""What an attempt stores is all that it takes to send it again."""

from datetime import UTC, datetime
from uuid import UUID

from stripe.params import PaymentIntentCreateParams

from gateways.stripe.keys import first_key, later_key
from gateways.stripe.request import create_params, stored_request
from server.domain.attempt import Attempt, AttemptKind
from server.domain.money import Money
from server.domain.payment import CaptureMethod, ConfirmationMethod
from tests.contract.gateways import a_wish

DEFAULT_RETURN_URL = "https://pay.example/done"
ATTEMPT_ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def an_attempt(request: dict[str, str]) -> Attempt:
    return Attempt(
        id=ATTEMPT_ID,
        merchant_id="default",
        payment_id=ATTEMPT_ID,
        kind=AttemptKind.AUTHORISE,
        gateway="stripe",
        config_version=1,
        reference="REFERENCE",
        money=Money(500, "ISK"),
        request=request,
        created_at=AT,
        updated_at=AT,
    )


def metadata_of(params: PaymentIntentCreateParams) -> dict[str, str]:
    metadata = params["metadata"]
    assert isinstance(metadata, dict)
    return metadata


def test_a_wish_is_stored_as_text() -> None:
    """Only what the caller said is there, and the page to return to, which Stripe needs wherever a challenge can follow."""
    wish = a_wish(
        token="pm_1",
        capture_method=CaptureMethod.MANUAL,
        confirmation_method=ConfirmationMethod.MANUAL,
        description="Order 1001",
        metadata={"order": "1001"},
    )
    assert stored_request(wish, DEFAULT_RETURN_URL) == {
        "payment_method": "pm_1",
        "capture_method": "manual",
        "confirmation_method": "manual",
        "description": "Order 1001",
        "return_url": DEFAULT_RETURN_URL,
        "metadata.order": "1001",
    }


def test_an_empty_description_is_not_sent() -> None:
    """Stripe would take it for a wish to unset the description, and refuse the payment."""
    assert "description" not in stored_request(a_wish(token="pm_1", description=""), DEFAULT_RETURN_URL)


def test_a_wish_without_a_token_can_be_stored() -> None:
    """A card that was declined before it became a token still leaves its payment on record."""
    assert "payment_method" not in stored_request(a_wish(token=None), DEFAULT_RETURN_URL)


def test_the_callers_page_wins_over_the_default() -> None:
    """The customer returns to where the caller says."""
    wish = a_wish(return_url="https://shop.example/back")
    assert stored_request(wish, DEFAULT_RETURN_URL)["return_url"] == "https://shop.example/back"


def test_an_intent_is_built_from_what_is_stored() -> None:
    """Every parameter comes from the attempt alone."""
    wish = a_wish(token="pm_1", description="Order 1001", receipt_email="a@b.example", metadata={"order": "1001"})
    assert create_params(an_attempt(dict(stored_request(wish, DEFAULT_RETURN_URL)))) == {
        "amount": 50000,
        "currency": "isk",
        "confirm": True,
        "allowed_payment_method_types": ["card"],
        "payment_method": "pm_1",
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "return_url": DEFAULT_RETURN_URL,
        "metadata": {"order": "1001", "sycee_reference": "REFERENCE"},
        "expand": ["latest_charge.balance_transaction"],
        "description": "Order 1001",
        "receipt_email": "a@b.example",
    }


def test_the_order_of_the_stored_fields_is_no_matter() -> None:
    """Storage may give the fields back in another order; the parameters stay in theirs."""
    wish = a_wish(metadata={"b": "2", "a": "1", "c": "3"}, description="x", receipt_email="a@b.example")
    stored = dict(stored_request(wish, DEFAULT_RETURN_URL))
    there, back = create_params(an_attempt(stored)), create_params(an_attempt(dict(reversed(stored.items()))))
    assert list(there.items()) == list(back.items())
    assert list(metadata_of(there)) == list(metadata_of(back))


def test_forty_nine_keys_of_the_caller_fit_beside_ours() -> None:
    """Stripe allows 50 keys of metadata; one is ours, and nobody else's can take its place."""
    metadata = {f"key_{number}": "x" for number in range(48)} | {"sycee_reference": "forged"}
    params = create_params(an_attempt(dict(stored_request(a_wish(metadata=metadata), DEFAULT_RETURN_URL))))
    assert len(metadata_of(params)) == 49
    assert metadata_of(params)["sycee_reference"] == "REFERENCE"


def test_brackets_in_a_metadata_key_are_no_structure() -> None:
    """Stripe reads square brackets in a key as a hash inside a hash, and refuses it."""
    params = create_params(an_attempt(dict(stored_request(a_wish(metadata={"a[b]": "1"}), DEFAULT_RETURN_URL))))
    assert metadata_of(params) == {"a(b)": "1", "sycee_reference": "REFERENCE"}


def test_keys_come_from_the_attempt() -> None:
    """The first call has one key for ever, a later one a key for each time that it is asked for."""
    attempt = an_attempt({})
    assert first_key(attempt) == f"{ATTEMPT_ID}:authorise"
    assert later_key(attempt, AT) == f"{ATTEMPT_ID}:authorise:{int(AT.timestamp())}"
