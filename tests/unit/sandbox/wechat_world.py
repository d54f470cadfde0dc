"""A simulated WeChat Pay without HTTP, whose clock the test turns."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.callbacks import CallbackQueue
from sandbox.faults import Faults
from sandbox.hanging import Hangings
from sandbox.jobs import Jobs
from sandbox.settings import WechatMerchant
from sandbox.state.database import Database
from sandbox.state.documents import Documents
from sandbox.state.replies import Replies
from sandbox.state.switches import Switches
from sandbox.surroundings import Surroundings
from sandbox.wechat.calls import orders, refunds
from sandbox.wechat.gateway import WechatSandbox
from sandbox.wechat.ledger import Archive, Ledger
from sandbox.wechat.records.order import Order

BEGIN = 1_700_000_000.0


@dataclass
class World:
    """A WeChat Pay whose clock the test turns."""

    around: Surroundings
    gateway: WechatSandbox
    now: list[float]

    def ledger(self) -> Ledger:
        around = self.around
        archive = Archive(around.documents, around.callbacks, around.jobs, around.clock, "http://here/wechat", 5.0)
        (merchant,) = self.gateway.merchants.all()
        return archive.open(merchant)

    def wait(self, seconds: float) -> None:
        self.now[0] += seconds
        while self.around.jobs.run_due({"wechat": self.gateway.run_job}):
            pass

    def place(self, number: str, expires_at: float | None = None) -> Order:
        wish = orders.Wish(
            app_id="wx1",
            out_trade_no=number,
            api="v2",
            trade_type="NATIVE",
            total=100,
            notify_url="http://127.0.0.1:9/",
            terms="terms",
            expires_at=expires_at,
        )
        return orders.place(self.ledger(), wish)

    def state(self, number: str) -> str:
        return orders.find(self.ledger(), number, None).state

    def refund(self, number: str, out_refund_no: str, amount: int) -> None:
        wish = refunds.RefundWish(
            out_refund_no=out_refund_no,
            out_trade_no=number,
            transaction_id=None,
            api="v2",
            refund=amount,
            total=100,
            notify_url=None,
        )
        refunds.ask(self.ledger(), wish)


@contextmanager
def new_world() -> Iterator[World]:
    now = [BEGIN]
    database = Database(Path(":memory:"))
    switches = Switches(database)

    def clock() -> float:
        return now[0]

    around = Surroundings(
        database=database,
        documents=Documents(database),
        replies=Replies(database),
        jobs=Jobs(database, clock),
        callbacks=CallbackQueue(database, switches, clock, 100),
        faults=Faults(switches, random.Random(1)),
        hangings=Hangings(),
        clock=clock,
        public_url="http://here",
        later_seconds=5.0,
    )
    gateway = WechatSandbox(around)
    gateway.merchants.register(WechatMerchant("wx1", "1", "key"), BEGIN)
    try:
        yield World(around, gateway, now)
    finally:
        database.close()
