"""The mall's orders, as a user, an administrator and a key of the merchant's see them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from tests.e2e.installation import Installation
from tests.e2e.mall import BY_PEN, GATEWAYS, ORDERS, PAYMENTS, Mall, data_of, envelope, refused
from tests.e2e.test_access import a_token

FIELDS = (
    "id order_no user_id total_amount currency subject status payment_gateway paid_at created_at updated_at".split()
)
SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture
def shopper(rest: RestClient, service: Development) -> RestClient:
    """A user who has ordered nothing yet."""
    return rest.by(a_token(service, sub=f"user-{uuid4()}", role="user"))


async def test_an_order_has_exactly_the_documented_fields(mall: Mall) -> None:
    """Created, read and listed alike, for the token's user, with times of Shanghai."""
    before = datetime.now(UTC).astimezone(SHANGHAI).replace(microsecond=0)
    wanted = {"total_amount": "100.00", "currency": "CNY", "subject": "太极剑"}
    order = data_of(await mall.user.post(ORDERS, wanted), "创建成功")
    assert list(order) == FIELDS
    assert type(order["id"]) is int
    assert order["user_id"] == "1001"
    assert {name: order[name] for name in wanted} == wanted
    assert (order["status"], order["payment_gateway"], order["paid_at"]) == ("pending", None, None)
    created = datetime.strptime(order["created_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    assert before <= created <= before + timedelta(seconds=30)
    assert order["updated_at"] == order["created_at"]
    assert await mall.read(order["id"]) == order
    assert data_of(await mall.user.get(ORDERS, per_page=1))["items"] == [order]


async def test_an_order_number_is_digits_with_the_date_first(mall: Mall) -> None:
    """17 to 26 of them, and no two alike."""
    orders = [await mall.order() for _ in range(3)]
    for order in orders:
        assert re.fullmatch(r"[0-9]{17,26}", order["order_no"])
        assert order["order_no"].startswith(order["created_at"][:10].replace("-", ""))
    assert len({order["order_no"] for order in orders}) == 3


async def test_currency_and_subject_may_be_left_out(mall: Mall) -> None:
    """Yuan is the mall's currency; less decimals than it has are filled up."""
    order = data_of(await mall.user.post(ORDERS, {"total_amount": "100"}))
    assert (order["total_amount"], order["currency"], order["subject"]) == ("100.00", "CNY", None)


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0.01", "CNY", "0.01"),
        ("100", "JPY", "100"),
        ("1.23", "KWD", "1.230"),
        ("999999999999", "USD", "999999999999.00"),
    ],
)
async def test_an_amount_has_its_currencys_decimals(mall: Mall, amount: str, currency: str, shown: str) -> None:
    """As it was given, in the form of ISO 4217."""
    order = data_of(await mall.user.post(ORDERS, {"total_amount": amount, "currency": currency}))
    assert order["total_amount"] == shown


@pytest.mark.parametrize("currency", ["XYZ", "cny", "", "CNYY"])
async def test_what_is_no_currency_makes_no_order(mall: Mall, currency: str) -> None:
    """不支持的货币"""
    told = envelope(await mall.user.post(ORDERS, {"total_amount": "1.00", "currency": currency}))
    assert told == refused(400, "不支持的货币")


async def test_orders_are_listed_page_by_page(shopper: RestClient) -> None:
    """Newest first, with exactly `items`, `page`, `per_page` and `total`."""
    empty = {"items": [], "page": 1, "per_page": 20, "total": 0}
    assert data_of(await shopper.get(ORDERS), "获取成功") == empty
    orders = [data_of(await shopper.post(ORDERS, {"total_amount": f"{number}.00"})) for number in (1, 2, 3)]
    first = data_of(await shopper.get(ORDERS, per_page=2))
    assert first == {"items": [orders[2], orders[1]], "page": 1, "per_page": 2, "total": 3}
    second = data_of(await shopper.get(ORDERS, per_page=2, page=2))
    assert second == {"items": [orders[0]], "page": 2, "per_page": 2, "total": 3}
    data_of(await shopper.post(f"{ORDERS}/{orders[1]['id']}/cancel", {}))
    assert [one["id"] for one in data_of(await shopper.get(ORDERS, status="cancelled"))["items"]] == [orders[1]["id"]]


@pytest.mark.parametrize(
    "query", ["page=0", "per_page=0", "per_page=101", "page=x", "status=paid_for", "status=PAID", "colour=red"]
)
async def test_a_list_that_is_asked_for_wrongly_is_400(mall: Mall, query: str) -> None:
    """And names what is wrong."""
    told = envelope(await mall.user.get(f"{ORDERS}?{query}"))
    assert (told["code"], told["data"]) == (400, None)
    assert query.split("=", maxsplit=1)[0] in told["message"]


async def test_a_user_sees_their_own_orders_alone(mall: Mall, shopper: RestClient) -> None:
    """Another's is as missing as one that never was; an administrator sees all."""
    order = await mall.order()
    missing = refused(404, "资源不存在")
    for order_id in (order["id"], 10**9, "abc"):
        assert envelope(await shopper.get(f"{ORDERS}/{order_id}")) == missing
    assert envelope(await shopper.post(f"{ORDERS}/{order['id']}/cancel", {})) == missing
    assert data_of(await mall.admin.get(f"{ORDERS}/{order['id']}")) == order
    assert envelope(await shopper.get(ORDERS, user_id="1001"))["code"] == 403
    assert order in data_of(await mall.admin.get(ORDERS, user_id="1001"))["items"]


async def test_a_key_acts_for_the_user_that_it_names(mall: Mall, shopper: RestClient) -> None:
    """Without a name it is refused; with another's it finds nothing."""
    told = envelope(await mall.operator.post(ORDERS, {"total_amount": "1.00"}))
    assert (told["code"], told["data"]) == (400, None)
    assert "user_id" in told["message"]
    order = data_of(await mall.operator.post(ORDERS, {"total_amount": "1.00", "user_id": "2002"}), "创建成功")
    assert order["user_id"] == "2002"
    assert data_of(await mall.operator.get(f"{ORDERS}/{order['id']}", user_id="2002")) == order
    assert envelope(await mall.operator.get(f"{ORDERS}/{order['id']}", user_id="2003"))["code"] == 404
    assert envelope(await shopper.get(f"{ORDERS}/{order['id']}"))["code"] == 404
    wish = {"order_id": order["id"], "gateway": "alipay", "user_id": "2003"}
    assert envelope(await mall.operator.post(PAYMENTS, wish)) == refused(400, "订单不存在")
    paid = data_of(await mall.operator.post(PAYMENTS, wish | {"user_id": "2002"}), "支付创建成功")
    assert paid["order_no"] == order["order_no"]


async def test_a_user_orders_for_nobody_else(mall: Mall) -> None:
    """403 for another's name, and the own one may be said."""
    told = envelope(await mall.user.post(ORDERS, {"total_amount": "1.00", "user_id": "1002"}))
    assert told == refused(403, "无权限访问")
    assert data_of(await mall.user.post(ORDERS, {"total_amount": "1.00", "user_id": "1001"}))["user_id"] == "1001"


async def test_shipping_and_completing_are_the_administrators(mall: Mall) -> None:
    """In that order, after the order was paid and not before."""
    opened = await mall.opened("alipay", BY_PEN)
    await mall.send(mall.pens.alipay.message(opened.order_no))
    ship, complete = (f"{ORDERS}/{opened.id}/{verb}" for verb in ("ship", "complete"))
    for caller in (mall.user, mall.operator):
        assert envelope(await caller.post(ship, {})) == refused(403, "无权限访问")
    wrong = refused(400, "订单状态不正确")
    assert envelope(await mall.admin.post(complete, {})) == wrong
    assert data_of(await mall.admin.post(ship, {}), "发货成功")["status"] == "shipped"
    assert envelope(await mall.admin.post(ship, {})) == wrong
    assert envelope(await mall.user.post(f"{ORDERS}/{opened.id}/cancel", {})) == wrong
    assert data_of(await mall.admin.post(complete, {}), "操作成功")["status"] == "completed"
    assert (await mall.read(opened.id))["status"] == "completed"
    assert envelope(await mall.admin.post(f"{ORDERS}/1000000000/ship", {})) == refused(404, "资源不存在")


async def test_an_order_that_waits_is_neither_shipped_nor_completed(mall: Mall) -> None:
    """And one that was cancelled is neither paid nor cancelled again."""
    order = await mall.order()
    for verb in ("ship", "complete"):
        assert envelope(await mall.admin.post(f"{ORDERS}/{order['id']}/{verb}", {})) == refused(400, "订单状态不正确")
    assert data_of(await mall.user.post(f"{ORDERS}/{order['id']}/cancel", {}), "取消成功")["status"] == "cancelled"
    for answer in (
        await mall.user.post(f"{ORDERS}/{order['id']}/cancel", {}),
        *[await mall.pay(order, gateway) for gateway in GATEWAYS],
    ):
        assert envelope(answer) == refused(400, "订单状态不正确")


async def test_the_same_order_under_one_key_is_one_order(shopper: RestClient) -> None:
    """Answered byte for byte; another one under that key is refused."""
    key, wanted = str(uuid4()), {"total_amount": "5.00"}
    first, second = [await shopper.post(ORDERS, wanted, key) for _ in range(2)]
    assert first.body == second.body
    assert second.headers["Idempotent-Replayed"] == "true"
    assert data_of(await shopper.get(ORDERS))["total"] == 1
    assert envelope(await shopper.post(ORDERS, {"total_amount": "6.00"}, key))["code"] == 422


async def test_the_command_line_issues_tokens(mall: Mall, installation: Installation) -> None:
    """`sycee token`, for a user and for an administrator."""
    mine = mall.nobody.by(await installation.sycee("token", "--role", "user", "--sub", "3003"))
    order = data_of(await mine.post(ORDERS, {"total_amount": "1.00"}))
    assert order["user_id"] == "3003"
    chief = mall.nobody.by(await installation.sycee("token", "--role", "admin", "--sub", "1"))
    assert data_of(await chief.get(f"{ORDERS}/{order['id']}")) == order


async def test_other_answers_have_the_envelope(mall: Mall) -> None:
    """Wrong methods with `Allow`, bodies that are too large, of another kind or not to be read."""
    one = f"{ORDERS}/1"
    for method, path in (("PUT", ORDERS), ("DELETE", one), ("GET", f"{one}/cancel"), ("GET", f"{one}/ship")):
        answer: Answer = await mall.user.send(method, path)
        assert envelope(answer)["code"] == 405
        assert "Allow" in answer.headers
    for body, kind, code in (
        (b"{", "application/json", 400),
        (b'{"total_amount": "1", "total_amount": "2"}', "application/json", 400),
        (b'{"total_amount": "1", "colour": "red"}', "application/json", 400),
        (b"total_amount=1", "application/x-www-form-urlencoded", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ):
        told = envelope(await mall.user.send("POST", ORDERS, body, {"Content-Type": kind}))
        assert (told["code"], told["data"]) == (code, None)
