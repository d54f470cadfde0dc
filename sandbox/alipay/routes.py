"""The table of Alipay's methods that the sandbox answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.alipay import schemas
from sandbox.alipay.biz_content import Schema
from sandbox.alipay.books import Books
from sandbox.alipay.calls import (
    authorisations,
    capturing,
    certificates,
    complaints,
    consumer_complaints,
    freezing,
    ordering,
    refunds,
    trades,
)
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.faults import Operation
from sandbox.json_types import Resource


@dataclass(frozen=True)
class ApiRoute:
    """A method that a server calls. `operation` is what a fault can hit."""

    schema: Schema
    handler: Callable[[Books, Call], Resource]
    operation: Operation | None


@dataclass(frozen=True)
class PageRoute:
    """A method whose signed address a customer opens; what it finds or begins is then shown by the cashier."""

    schema: Schema
    opener: Callable[[Books, Call], Trade | Authorisation]
    operation: Operation = "pay"


ROUTES: Mapping[str, ApiRoute | PageRoute] = {
    "alipay.trade.page.pay": PageRoute(schemas.PAGE_PAY, ordering.open_order),
    "alipay.trade.wap.pay": PageRoute(schemas.WAP_PAY, ordering.open_order),
    "alipay.trade.precreate": ApiRoute(schemas.PRECREATE, ordering.precreate, "pay"),
    "alipay.trade.pay": ApiRoute(schemas.TRADE_PAY, capturing.trade_pay, "capture"),
    "alipay.trade.query": ApiRoute(schemas.QUERY, trades.query, "fetch"),
    "alipay.trade.close": ApiRoute(schemas.CLOSE, trades.close, "cancel"),
    "alipay.trade.cancel": ApiRoute(schemas.CANCEL, trades.cancel, "cancel"),
    "alipay.trade.refund": ApiRoute(schemas.REFUND, refunds.refund, "refund"),
    "alipay.trade.fastpay.refund.query": ApiRoute(schemas.REFUND_QUERY, refunds.query, "fetch"),
    "alipay.fund.auth.order.app.freeze": PageRoute(schemas.FREEZE, freezing.open_freeze),
    "alipay.fund.auth.order.voucher.create": ApiRoute(schemas.FREEZE, freezing.voucher_create, "pay"),
    "alipay.fund.auth.operation.detail.query": ApiRoute(schemas.OPERATION_QUERY, authorisations.query, "fetch"),
    "alipay.fund.auth.order.unfreeze": ApiRoute(schemas.UNFREEZE, authorisations.unfreeze, "cancel"),
    "alipay.fund.auth.operation.cancel": ApiRoute(schemas.OPERATION_CANCEL, authorisations.cancel, "cancel"),
    "alipay.merchant.tradecomplain.query": ApiRoute(schemas.COMPLAINT_QUERY, complaints.query, "fetch"),
    "alipay.merchant.tradecomplain.batchquery": ApiRoute(schemas.COMPLAINT_LIST, complaints.batchquery, "fetch"),
    "alipay.merchant.tradecomplain.feedback.submit": ApiRoute(schemas.FEEDBACK, complaints.feedback, "evidence"),
    "alipay.merchant.tradecomplain.reply.submit": ApiRoute(schemas.REPLY, complaints.reply, "evidence"),
    "alipay.merchant.tradecomplain.supplement.submit": ApiRoute(schemas.SUPPLEMENT, complaints.supplement, "evidence"),
    "alipay.merchant.image.upload": ApiRoute(schemas.IMAGE_UPLOAD, complaints.upload_image, None),
    "alipay.security.risk.complaint.info.query": ApiRoute(schemas.CONSUMER_QUERY, consumer_complaints.query, "fetch"),
    "alipay.security.risk.complaint.info.batchquery": ApiRoute(
        schemas.CONSUMER_LIST, consumer_complaints.batchquery, "fetch"
    ),
    "alipay.security.risk.complaint.process.finish": ApiRoute(
        schemas.CONSUMER_FINISH, consumer_complaints.finish, "evidence"
    ),
    "alipay.security.risk.complaint.file.upload": ApiRoute(
        schemas.CONSUMER_UPLOAD, consumer_complaints.upload_file, None
    ),
    "alipay.open.app.alipaycert.download": ApiRoute(schemas.CERTIFICATE_DOWNLOAD, certificates.download, None),
}
