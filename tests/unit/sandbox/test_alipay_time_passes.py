"""What the simulated Alipay does as time passes, with a clock of the tests' own."""

import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from sandbox.alipay.biz_content import BizContent
from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing, lifecycle, ordering, trades
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.execution import Executor
from sandbox.alipay.gateway import AlipaySandbox
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.alipay.routes import ROUTES, ApiRoute
from sandbox.callbacks import CallbackQueue
from sandbox.faults import Faults
from sandbox.hanging import Hangings
from sandbox.jobs import Jobs
from sandbox.settings import AlipayMerchant
from sandbox.state.database import Database
from sandbox.state.documents import Documents
from sandbox.state.replies import Replies
from sandbox.state.switches import Switches
from sandbox.surroundings import Surroundings

DAY = 86_400
KEY = generate_private_key(65537, 2048)
PRIVATE_PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
ORDER = {"out_trade_no": "order_1", "total_amount": "10.00", "subject": "Tea"}
FREEZE = {"out_order_no": "auth_1", "out_request_no": "f1", "order_title": "A room", "amount": "100.00"}


class World:
    """One simulated Alipay with one merchant, at a time of its own."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.database = Database(Path(":memory:"))
        switches = Switches(self.database)
        self.jobs = Jobs(self.database, self.clock)
        self.callbacks = CallbackQueue(self.database, switches, self.clock, 100)
        around = Surroundings(
            database=self.database,
            documents=Documents(self.database),
            replies=Replies(self.database),
            jobs=self.jobs,
            callbacks=self.callbacks,
            faults=Faults(switches, random.Random(1)),
            hangings=Hangings(),
            clock=self.clock,
            public_url="http://sandbox",
            later_seconds=0.0,
        )
        self.alipay = AlipaySandbox(around)
        self.merchant = self.alipay.merchants.register(AlipayMerchant("1", PUBLIC_PEM, PRIVATE_PEM), int(self.now))

    def clock(self) -> float:
        return self.now

    @property
    def books(self) -> Books:
        return self.alipay._archive.open(self.merchant)

    def call(self, method: str, **biz: str) -> Call:
        return Call(self.merchant, method, BizContent(biz), "http://shop/notify", None)

    def opened(self, **more: str) -> Trade:
        return ordering.open_order(self.books, self.call("alipay.trade.page.pay", **ORDER, **more))

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.jobs.run_due({"alipay": self.alipay.run_job})

    def told(self) -> list[str]:
        """The statuses of all notifications that wait, oldest first."""
        told = []
        for delivery in self.callbacks.due(self.merchant.id, 100):
            message = self.alipay.callback(delivery.owner, delivery.subject)
            assert message is not None
            told.append(dict(parse_qsl(message.body.decode()))["trade_status"])
        return told


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.database.close()


def test_a_trade_waits_fifteen_days_when_nothing_is_said(world: World) -> None:
    """Then Alipay closes it."""
    trade = world.opened()
    world.passes(15 * DAY - 1)
    assert world.books.find(Trade, trade.id) == trade
    world.passes(1)
    closed = world.books.find(Trade, trade.id)
    assert closed is not None
    assert (closed.status, closed.closed_at) == ("TRADE_CLOSED", int(world.now))
    assert world.told() == ["TRADE_CLOSED"]


def test_a_timeout_runs_from_when_the_page_is_opened(world: World) -> None:
    """Opening it again does not prolong it."""
    trade = world.opened(timeout_express="30m")
    world.passes(1799)
    assert world.opened(timeout_express="30m").id == trade.id
    world.now += 1
    with pytest.raises(BusinessFailed, match="关闭"):
        lifecycle.pay(world.books, trade)


def test_a_trade_is_closed_to_every_reader_the_moment_its_time_is_over(world: World) -> None:
    """Even before Alipay gets to it by itself."""
    world.opened(timeout_express="1m")
    world.now += 60
    shown = trades.query(world.books, world.call("alipay.trade.query", out_trade_no="order_1"))
    assert shown["trade_status"] == "TRADE_CLOSED"


def test_a_code_that_nobody_scanned_ends_in_silence(world: World) -> None:
    """There is no trade to tell of, and its number can be ordered anew."""
    call = world.call("alipay.trade.precreate", **ORDER)
    first = ordering.precreate(world.books, call)
    world.passes(2 * 3600)
    assert world.told() == []
    assert ordering.precreate(world.books, call)["qr_code"] != first["qr_code"]


def test_a_paid_trade_is_finished_after_a_year(world: World) -> None:
    """Until then it can be refunded; its expiry has no meaning any more."""
    trade = world.opened()
    lifecycle.pay(world.books, trade)
    world.passes(16 * DAY)
    assert world.told() == ["TRADE_SUCCESS"]
    world.passes(349 * DAY)
    finished = world.books.find(Trade, trade.id)
    assert finished is not None
    assert finished.status == "TRADE_FINISHED"
    assert world.told() == ["TRADE_SUCCESS", "TRADE_FINISHED"]


def test_a_paid_trade_can_be_cancelled_for_a_day(world: World) -> None:
    """After that it can only be refunded."""
    lifecycle.pay(world.books, world.opened())
    world.now += DAY + 1
    with pytest.raises(BusinessFailed, match="撤销") as refused:
        trades.cancel(world.books, world.call("alipay.trade.cancel", out_trade_no="order_1"))
    assert refused.value.sub_code == "ACQ.TRADE_CANCEL_TIME_OUT"


def test_an_authorisation_that_nobody_accepted_ends_in_silence(world: World) -> None:
    """Its code cannot be scanned any more."""
    call = world.call("alipay.fund.auth.order.app.freeze", **FREEZE, timeout_express="5m")
    authorisation = freezing.open_freeze(world.books, call)
    world.passes(300)
    assert world.told() == []
    with pytest.raises(BusinessFailed, match="关闭"):
        freezing.freeze(world.books, authorisation)


def test_a_call_that_breaks_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its caller is told that the outcome is unknown; the log says why."""
    authorisation = freezing.open_freeze(world.books, world.call("alipay.fund.auth.order.app.freeze", **FREEZE))
    freezing.freeze(world.books, authorisation)

    def broken(*_: object) -> None:
        raise RuntimeError("the pen broke")

    monkeypatch.setattr(freezing, "move", broken)
    route = ROUTES["alipay.trade.pay"]
    assert isinstance(route, ApiRoute)
    call = world.call("alipay.trade.pay", **ORDER, product_code="PRE_AUTH_ONLINE", auth_no=authorisation.id)
    answer = Executor(world.database, world.alipay._archive).answer(route, call)
    assert (answer["code"], answer["sub_code"]) == ("20000", "aop.unknow-error")
    assert world.books.trade("order_1") is None
    assert "the pen broke" in caplog.text


def test_old_notifications_are_forgotten(world: World) -> None:
    """After a month, when no one is told of them any more."""
    lifecycle.pay(world.books, world.opened())
    world.now += 31 * DAY
    world.alipay.tidy()
    delivery = world.callbacks.due(world.merchant.id, 1)[0]
    assert world.alipay.callback(delivery.owner, delivery.subject) is None


def test_only_seven_letters_acknowledge(world: World) -> None:
    """Nothing before, nothing behind, nothing else than 200."""
    assert world.alipay.acknowledges(200, b"success")
    for status, body in ((200, b"success\n"), (200, b'"success"'), (200, b"SUCCESS"), (200, b""), (500, b"success")):
        assert not world.alipay.acknowledges(status, body)
