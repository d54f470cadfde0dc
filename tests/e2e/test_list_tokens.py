"""Lists over gRPC: page tokens lead to the end of the list, whatever is created meanwhile."""

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import grpc
import pytest
import pytest_asyncio
from google.protobuf.timestamp_pb2 import Timestamp

from server.commands.rest_client import RestClient
from server.commands.running import Development
from sycee.v1 import common_pb2 as common
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.wishes import PAYMENTS, paid
from tests.rpc import a_callers_metadata, refused

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

CUSTOMER = str(uuid4())

# Equal amounts among them, so that a page can end between two of them.
AMOUNTS = ("5", "1", "5.00", "7", "5", "1.00", "5", "2", "5", "9", "5")


@pytest.fixture
def caller(service: Development) -> grpc.aio.Metadata:
    return a_callers_metadata(service.secret_key)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(rest: RestClient) -> list[str]:
    """The ids of one customer's payments."""
    made = await asyncio.gather(*(paid(rest, customer_id=CUSTOMER, amount=amount) for amount in AMOUNTS))
    return [payment["id"] for payment in made]


async def walked(
    payments: "PaymentServiceAsyncStub", caller: grpc.aio.Metadata, request: pb.ListPaymentsRequest
) -> list[pb.ListPaymentsResponse]:
    """Every page from the first one to the end."""
    pages = [await payments.ListPayments(request, metadata=caller)]
    while token := pages[-1].next_page_token:
        assert len(pages) <= len(AMOUNTS), "the list does not end"
        following = pb.ListPaymentsRequest()
        following.CopyFrom(request)
        following.page_token = token
        pages.append(await payments.ListPayments(following, metadata=caller))
    return pages


def ids(pages: list[pb.ListPaymentsResponse]) -> list[str]:
    return [payment.id for page in pages for payment in page.data]


@pytest.mark.parametrize("per_page", [1, 3, 10, 11, 100])
@pytest.mark.parametrize("order", [common.SORT_ORDER_ASC, common.SORT_ORDER_DESC])
@pytest.mark.parametrize("sort", [pb.PAYMENT_SORT_CREATED_AT, pb.PAYMENT_SORT_AMOUNT])
async def test_tokens_lead_to_the_end(
    payments: "PaymentServiceAsyncStub",
    rest: RestClient,
    caller: grpc.aio.Metadata,
    shop: list[str],
    sort: pb.PaymentSort.ValueType,
    order: common.SortOrder.ValueType,
    per_page: int,
) -> None:
    """Each payment once, in the order that numbered pages have; full pages but for the last; no token at the end."""
    request = pb.ListPaymentsRequest(customer_id=CUSTOMER, sort=sort, order=order, per_page=per_page)
    pages = await walked(payments, caller, request)
    numbered = await rest.get(
        PAYMENTS,
        customer_id=CUSTOMER,
        per_page=100,
        sort="amount" if sort == pb.PAYMENT_SORT_AMOUNT else "created_at",
        order="asc" if order == common.SORT_ORDER_ASC else "desc",
    )
    assert ids(pages) == [payment["id"] for payment in numbered.json["data"]]
    assert sorted(ids(pages)) == sorted(shop)
    assert [len(page.data) for page in pages[:-1]] == [per_page] * (len(pages) - 1)
    assert 1 <= len(pages[-1].data) <= per_page


async def test_only_numbered_pages_say_where_they_stand(
    payments: "PaymentServiceAsyncStub", caller: grpc.aio.Metadata, shop: list[str]
) -> None:
    """Counting the list again on each page behind a token would cost more than the page."""
    first, *others = await walked(payments, caller, pb.ListPaymentsRequest(customer_id=CUSTOMER, per_page=4))
    assert (first.pagination.page, first.pagination.per_page, first.pagination.total) == (1, 4, len(shop))
    assert first.pagination.total_pages == 3
    assert others
    assert not any(page.HasField("pagination") for page in others)


async def test_what_is_created_meanwhile_shifts_nothing(
    payments: "PaymentServiceAsyncStub", rest: RestClient, caller: grpc.aio.Metadata
) -> None:
    """Newest first, a page behind a token goes on behind the last payment seen, and not one further."""
    customer = str(uuid4())
    older = [(await paid(rest, customer_id=customer))["id"] for _ in range(4)]
    request = pb.ListPaymentsRequest(customer_id=customer, per_page=2)
    first = await payments.ListPayments(request, metadata=caller)
    await paid(rest, customer_id=customer)
    request.page_token = first.next_page_token
    second = await payments.ListPayments(request, metadata=caller)
    assert ids([first, second]) == older[::-1]


async def test_a_page_behind_a_token_may_have_another_size(
    payments: "PaymentServiceAsyncStub", caller: grpc.aio.Metadata, shop: list[str]
) -> None:
    """How many, and a page's number, say nothing of which list it is."""
    request = pb.ListPaymentsRequest(customer_id=CUSTOMER, per_page=4)
    first = await payments.ListPayments(request, metadata=caller)
    request.page_token, request.per_page, request.page = first.next_page_token, 100, 7
    rest_of_it = await payments.ListPayments(request, metadata=caller)
    assert sorted(ids([first, rest_of_it])) == sorted(shop)


@pytest.mark.parametrize(
    "changed",
    [
        pb.ListPaymentsRequest(customer_id=str(uuid4())),
        pb.ListPaymentsRequest(status=pb.PAYMENT_STATUS_FAILED),
        pb.ListPaymentsRequest(sort=pb.PAYMENT_SORT_AMOUNT),
        pb.ListPaymentsRequest(order=common.SORT_ORDER_ASC),
        pb.ListPaymentsRequest(min_amount="1"),
        pb.ListPaymentsRequest(created_after=Timestamp(seconds=1)),
    ],
    ids=lambda changed: changed.ListFields()[0][0].name,
)
async def test_a_token_belongs_to_its_list(
    payments: "PaymentServiceAsyncStub",
    caller: grpc.aio.Metadata,
    shop: list[str],
    changed: pb.ListPaymentsRequest,
) -> None:
    """With other filters or another order it is refused."""
    request = pb.ListPaymentsRequest(customer_id=CUSTOMER, per_page=4)
    token = (await payments.ListPayments(request, metadata=caller)).next_page_token
    request.MergeFrom(changed)
    request.page_token = token
    told = await refused(payments.ListPayments(request, metadata=caller))
    assert (told.code.name, told.reason) == ("INVALID_ARGUMENT", "VALIDATION_ERROR")
    assert [field for field, _ in told.violations] == ["page_token"]


@pytest.mark.parametrize("token", ["x", "abc", "=", "é", "AAAA" * 8, "A" * 10_000, " ", "../.."])
async def test_what_is_no_token_is_refused(
    payments: "PaymentServiceAsyncStub", caller: grpc.aio.Metadata, token: str
) -> None:
    """INVALID_ARGUMENT names it."""
    told = await refused(payments.ListPayments(pb.ListPaymentsRequest(page_token=token), metadata=caller))
    assert (told.code.name, told.reason) == ("INVALID_ARGUMENT", "VALIDATION_ERROR")
    assert [field for field, _ in told.violations] == ["page_token"]


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (pb.ListPaymentsRequest(per_page=0), "per_page"),
        (pb.ListPaymentsRequest(per_page=101), "per_page"),
        (pb.ListPaymentsRequest(page=0), "page"),
        (pb.ListPaymentsRequest(page=-1), "page"),
        (pb.ListPaymentsRequest(order_id="abc"), "order_id"),
        (pb.ListPaymentsRequest(status=pb.PAYMENT_STATUS_UNSPECIFIED), "status"),
        (pb.ListPaymentsRequest(status=99), "status"),  # type: ignore[arg-type]  # what a newer client could send
        (pb.ListPaymentsRequest(min_amount="abc"), "min_amount"),
        (pb.ListPaymentsRequest(created_after=Timestamp(seconds=2**62)), "created_after"),
        (pb.ListPaymentsRequest(created_before=Timestamp(nanos=-1)), "created_before"),
    ],
    ids=str,
)
async def test_the_same_filters_are_refused_over_grpc(
    payments: "PaymentServiceAsyncStub", caller: grpc.aio.Metadata, request_: pb.ListPaymentsRequest, field: str
) -> None:
    """VALIDATION_ERROR names the field."""
    told = await refused(payments.ListPayments(request_, metadata=caller))
    assert (told.code.name, told.reason) == ("INVALID_ARGUMENT", "VALIDATION_ERROR")
    assert [name for name, _ in told.violations] == [field]
