"""Saved payment methods from outside: saved, listed, made the default, paid with and deleted, over REST and gRPC, with the gateway's own truth."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc
import pytest

from server.commands.cards import card
from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.commands.sandbox_client import SandboxClient
from sycee.v1 import payment_method_service_pb2 as pb
from sycee.v1.payment_method_service_pb2_grpc import PaymentMethodServiceStub
from tests.e2e.wishes import PAYMENTS, VISA, refusal, token, wish
from tests.rpc import a_callers_metadata, answer_of

if TYPE_CHECKING:
    from sycee.v1.payment_method_service_pb2_grpc import PaymentMethodServiceAsyncStub

FIELDS = ("id", "customer_id", "type", "card", "is_default", "created_at")
CARD_FIELDS = ("brand", "last4", "exp_month", "exp_year", "fingerprint")
NOT_KEPT = {
    "CARD_DECLINED": "4000000000000002",
    "INSUFFICIENT_FUNDS": "4000000000009995",
    "EXPIRED_CARD": "4000000000000069",
    "INCORRECT_CVC": "4000000000000127",
    "PROCESSING_ERROR": "4000000000000119",
}


class Wallet:
    """What one customer has saved."""

    def __init__(self, rest: RestClient) -> None:
        self.customer = str(uuid4())
        self.path = f"/api/v1/customers/{self.customer}/payment_methods"
        self._rest = rest

    async def save(self, number: str = VISA, **more: Any) -> dict[str, Any]:
        answer = await self._rest.post(self.path, card(number) | more)
        assert answer.status == 201, answer.body
        saved: dict[str, Any] = answer.json
        return saved

    async def list(self, **query: str) -> dict[str, Any]:
        answer = await self._rest.get(self.path, **query)
        assert answer.status == 200, answer.body
        listed: dict[str, Any] = answer.json
        return listed


@pytest.fixture
def wallet(rest: RestClient) -> Wallet:
    return Wallet(rest)


@pytest.fixture
def methods(channel: grpc.aio.Channel) -> "PaymentMethodServiceAsyncStub":
    return PaymentMethodServiceStub(channel)


async def test_the_documented_example_is_saved(rest: RestClient, wallet: Wallet) -> None:
    """As the document writes it, but for a year that is not over; with exactly the documented fields."""
    body = {
        "type": "card",
        "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2035, "cvc": "123"},
        "set_as_default": True,
    }
    answer = await rest.post(wallet.path, body)
    assert answer.status == 201, answer.body
    assert tuple(answer.json) == FIELDS
    assert tuple(answer.json["card"]) == CARD_FIELDS
    assert answer.json["id"].startswith("pm_")
    assert (answer.json["customer_id"], answer.json["type"], answer.json["is_default"]) == (
        wallet.customer,
        "card",
        True,
    )
    shown = answer.json["card"]
    assert (shown["brand"], shown["last4"], shown["exp_month"], shown["exp_year"]) == ("visa", "4242", 12, 2035)
    assert shown["fingerprint"].startswith("fp_")


async def test_a_customers_methods_are_listed_newest_first(wallet: Wallet) -> None:
    """In pages, each with one default among all."""
    saved = [await wallet.save(number) for number in (VISA, "5555555555554444", "6011111111111117")]
    assert (await wallet.list())["data"] == saved[::-1]
    second = await wallet.list(page="2", per_page="2")
    assert second == {"data": [saved[0]], "pagination": {"page": 2, "per_page": 2, "total": 3, "total_pages": 2}}
    assert [method["is_default"] for method in saved] == [True, False, False]


async def test_nobody_has_saved_anything_at_first(wallet: Wallet) -> None:
    """An empty list, and no error: whom the caller calls a customer is the caller's."""
    assert (await wallet.list())["data"] == []


async def test_another_default_is_set(rest: RestClient, wallet: Wallet) -> None:
    """The former one is it no more."""
    first, second = await wallet.save(), await wallet.save("5555555555554444")
    answer = await rest.post(f"{wallet.path}/{second['id']}/default", {})
    assert (answer.status, answer.json) == (200, second | {"is_default": True})
    assert (await wallet.list())["data"] == [second | {"is_default": True}, first | {"is_default": False}]


async def test_defaults_that_are_saved_at_once_leave_one(wallet: Wallet) -> None:
    """Whoever comes last has the say."""
    numbers = (VISA, "5555555555554444", "6011111111111117", "3056930009020004")
    await asyncio.gather(*(wallet.save(number, set_as_default=True) for number in numbers))
    listed = (await wallet.list())["data"]
    assert len(listed) == len(numbers)
    assert sum(method["is_default"] for method in listed) == 1


async def test_a_deleted_method_is_gone(rest: RestClient, wallet: Wallet) -> None:
    """204; then it is neither listed nor found, and nothing can be paid with it."""
    method = await wallet.save()
    answer = await rest.send("DELETE", f"{wallet.path}/{method['id']}", headers={"Idempotency-Key": method["id"]})
    assert (answer.status, answer.body) == (204, b"")
    again = await rest.send("DELETE", f"{wallet.path}/{method['id']}", headers={"Idempotency-Key": method["id"]})
    assert (again.status, again.headers["Idempotent-Replayed"]) == (204, "true")
    assert (await wallet.list())["data"] == []
    told = [
        await rest.send("DELETE", f"{wallet.path}/{method['id']}"),
        await rest.post(f"{wallet.path}/{method['id']}/default", {}),
        await rest.post(PAYMENTS, wish(payment_method={"type": "card", "id": method["id"]})),
    ]
    assert [(refusal(each).status, refusal(each).code) for each in told] == [(404, "PAYMENT_METHOD_NOT_FOUND")] * 3


async def test_a_saved_card_pays_as_often_as_its_customer_likes(
    rest: RestClient, wallet: Wallet, sandbox: SandboxClient
) -> None:
    """Each payment has the card's details and its customer, and the gateway took the money of each."""
    method = await wallet.save()
    for _ in range(2):
        answer = await rest.post(PAYMENTS, wish(payment_method={"type": "card", "id": method["id"]}))
        assert answer.status == 201, answer.body
        payment = answer.json
        assert (payment["status"], payment["customer_id"]) == ("succeeded", wallet.customer)
        assert payment["payment_method"] == {"type": "card", "card": method["card"]}
        (truth,) = await sandbox.payments(payment["reference"])
        assert truth["captured_minor"] == 5949


async def test_another_customer_does_not_pay_with_it(rest: RestClient, wallet: Wallet) -> None:
    """It does not exist for them."""
    method = await wallet.save()
    told = refusal(
        await rest.post(PAYMENTS, wish(payment_method={"type": "card", "id": method["id"]}, customer_id=str(uuid4())))
    )
    assert (told.status, told.code, told.outcome) == (404, "PAYMENT_METHOD_NOT_FOUND", "not_sent")
    other = Wallet(rest)
    assert refusal(await rest.send("DELETE", f"{other.path}/{method['id']}")).code == "PAYMENT_METHOD_NOT_FOUND"


@pytest.mark.parametrize(("code", "number"), NOT_KEPT.items())
async def test_a_declined_card_is_not_saved(rest: RestClient, wallet: Wallet, code: str, number: str) -> None:
    """402 with the documented code; nobody paid anything, and nothing is listed."""
    told = refusal(await rest.post(wallet.path, card(number)))
    assert (told.status, told.code, told.outcome) == (402, code, "declined")
    assert (await wallet.list())["data"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (card("4242424242424241"), "card.number"),
        (card("4242"), "card.number"),
        (token("tok_unknown"), "token"),
        (card(VISA) | {"token": "tok_visa"}, "card"),
        ({"type": "card"}, "card"),
        ({"type": "paypal"} | card(VISA) | {"type": "paypal"}, "card"),
    ],
)
async def test_what_is_no_card_is_refused(rest: RestClient, wallet: Wallet, body: dict[str, Any], field: str) -> None:
    """INVALID_PAYMENT_METHOD names the field and quotes nothing of it."""
    answer = await rest.post(wallet.path, body)
    told = refusal(answer)
    assert (told.status, told.code, told.fields) == (400, "INVALID_PAYMENT_METHOD", [field])
    assert b"4242" not in answer.body


@pytest.mark.parametrize("kind", ["alipay", "wechat", "paypal"])
async def test_a_kind_that_no_gateway_keeps_is_not_supported(rest: RestClient, wallet: Wallet, kind: str) -> None:
    """NOT_SUPPORTED, as the gateway's capabilities say."""
    assert refusal(await rest.post(wallet.path, {"type": kind})).code == "NOT_SUPPORTED"
    capabilities = {each["gateway"]: each for each in (await rest.get("/api/v1/capabilities")).json["gateways"]}
    assert "saved_payment_methods" not in capabilities[kind]["capabilities"]
    assert "saved_payment_methods" in capabilities["stripe"]["capabilities"]


async def test_one_key_saves_once(rest: RestClient, wallet: Wallet) -> None:
    """The same answer, byte for byte."""
    first, again = [await rest.post(wallet.path, card(VISA), key=wallet.customer) for _ in range(2)]
    assert (first.status, first.body) == (201, again.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len((await wallet.list())["data"]) == 1


async def test_grpc_does_the_same(
    rest: RestClient, wallet: Wallet, methods: "PaymentMethodServiceAsyncStub", service: Development
) -> None:
    """Save by the gateway's token, list behind a token, set the default, delete; and its errors."""
    caller = a_callers_metadata(service.secret_key)
    saved = [
        await methods.CreatePaymentMethod(
            pb.CreatePaymentMethodRequest(customer_id=wallet.customer, type=pb.PAYMENT_METHOD_TYPE_CARD, token=name),
            metadata=caller,
        )
        for name in ("tok_visa", "pm_card_mastercard")
    ]
    assert [(method.card.brand, method.is_default) for method in saved] == [("visa", True), ("mastercard", False)]
    first = await methods.ListPaymentMethods(
        pb.ListPaymentMethodsRequest(customer_id=wallet.customer, per_page=1), metadata=caller
    )
    assert (list(first.data), first.pagination.total) == ([saved[1]], 2)
    behind = pb.ListPaymentMethodsRequest(customer_id=wallet.customer, per_page=1, page_token=first.next_page_token)
    last = await methods.ListPaymentMethods(behind, metadata=caller)
    assert (list(last.data), last.next_page_token) == ([saved[0]], "")
    named = {"customer_id": wallet.customer, "payment_method_id": saved[1].id}
    default = await methods.SetDefaultPaymentMethod(pb.SetDefaultPaymentMethodRequest(**named), metadata=caller)
    assert default.is_default
    await methods.DeletePaymentMethod(pb.DeletePaymentMethodRequest(**named), metadata=caller)
    with pytest.raises(grpc.aio.AioRpcError) as gone:
        await methods.DeletePaymentMethod(pb.DeletePaymentMethodRequest(**named), metadata=caller)
    assert (gone.value.code(), answer_of(gone.value).reason) == (
        grpc.StatusCode.NOT_FOUND,
        "PAYMENT_METHOD_NOT_FOUND",
    )
    assert [method["id"] for method in (await wallet.list())["data"]] == [saved[0].id]
