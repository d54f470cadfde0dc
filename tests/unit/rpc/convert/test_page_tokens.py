"""A page token goes on where its list ended, and nowhere else."""

import base64
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import ValidationError
from server.domain.listing import Cursor
from server.rpc.convert.page_tokens import cursor_of, page_token
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb
from tests.builders import an_id

A_LIST = pb.ListPaymentsRequest(gateway="stripe", status=pb.PAYMENT_STATUS_FAILED)
A_TOKEN = page_token(Cursor(an_id(7)), A_LIST)

# Amounts are below 10^12 major units of at most four decimals.
CURSORS = st.builds(Cursor, st.uuids(), st.none() | st.integers(0, 10**16))


@given(CURSORS)
def test_a_token_reads_back_as_it_was_made(cursor: Cursor) -> None:
    """Whatever the list was sorted by."""
    assert cursor_of(page_token(cursor, A_LIST), A_LIST) == cursor


def test_the_end_of_a_list_has_no_token() -> None:
    """Empty, as absent."""
    assert page_token(None, A_LIST) == ""


@given(CURSORS)
def test_a_token_needs_no_escaping(cursor: Cursor) -> None:
    """It is made of characters that any URL carries."""
    assert page_token(cursor, A_LIST).replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "same",
    [
        pb.ListPaymentsRequest(gateway="stripe", status=pb.PAYMENT_STATUS_FAILED, per_page=7),
        pb.ListPaymentsRequest(gateway="stripe", status=pb.PAYMENT_STATUS_FAILED, page=3, page_token=A_TOKEN),
    ],
)
def test_a_list_may_go_on_in_pages_of_another_size(same: pb.ListPaymentsRequest) -> None:
    """What only says which page of the list is meant does not make another list."""
    assert cursor_of(A_TOKEN, same) == Cursor(an_id(7))


@pytest.mark.parametrize(
    "other",
    [
        pb.ListPaymentsRequest(),
        pb.ListPaymentsRequest(gateway="stripe"),
        pb.ListPaymentsRequest(gateway="paypal", status=pb.PAYMENT_STATUS_FAILED),
        pb.ListPaymentsRequest(gateway="stripe", status=pb.PAYMENT_STATUS_FAILED, order=common.SORT_ORDER_ASC),
        pb.ListPaymentsRequest(gateway="stripe", status=pb.PAYMENT_STATUS_FAILED, sort=pb.PAYMENT_SORT_AMOUNT),
    ],
)
def test_a_token_of_another_list_is_refused(other: pb.ListPaymentsRequest) -> None:
    """VALIDATION_ERROR: it would silently skip or repeat payments."""
    with pytest.raises(ValidationError) as refused:
        cursor_of(A_TOKEN, other)
    assert refused.value.field == "page_token"


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_other_text_is_refused(token: str) -> None:
    """Whatever a caller makes up is a VALIDATION_ERROR and nothing worse."""
    with pytest.raises(ValidationError):
        cursor_of(token, A_LIST)


@given(st.binary(min_size=8, max_size=8))
def test_a_forged_amount_still_fits_the_database(amount: bytes) -> None:
    """The list's name in a token is no secret: what follows it must be harmless whatever it says."""
    raw = base64.urlsafe_b64decode(A_TOKEN + "=" * (-len(A_TOKEN) % 4))
    forged = base64.urlsafe_b64encode(raw[:24] + amount).decode()
    cursor = cursor_of(forged, A_LIST)
    assert cursor.id == UUID(bytes=raw[8:24])
    assert cursor.common_units is not None
    assert -(2**63) <= cursor.common_units < 2**63
