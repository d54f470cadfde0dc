"""Hands notifications to the courier, each in the form of the API with which its order or refund was made."""

from typing import assert_never

from sandbox.callbacks import CallbackRequest
from sandbox.wechat.ledger import Archive, Ledger
from sandbox.wechat.merchants import Merchants
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.v2 import notices as v2
from sandbox.wechat.v3 import notices as v3


class WechatNotifications:
    def __init__(self, merchants: Merchants, archive: Archive) -> None:
        self._merchants = merchants
        self._archive = archive

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        merchant = self._merchants.by_id(owner)
        ledger = None if merchant is None else self._archive.open(merchant)
        notice = None if ledger is None else ledger.notice(subject)
        if ledger is None or notice is None:
            return None
        match notice.about:
            case "payment":
                return _payment(ledger, notice)
            case "refund":
                return _refund(ledger, notice)
            case "complaint":
                return _complaint(ledger, notice)
        assert_never(notice.about)


def _payment(ledger: Ledger, notice: Notice) -> CallbackRequest | None:
    order, platform = ledger.order(notice.number), ledger.merchant.platform
    if order is None:
        return None
    if order.api == "v2":
        return v2.payment_callback(ledger.merchant, order)
    return None if platform is None else v3.payment_callback(platform, notice, order, ledger.now)


def _complaint(ledger: Ledger, notice: Notice) -> CallbackRequest | None:
    """Complaints are told where the order's payment was: real merchants name one address for all of theirs."""
    complaint, platform = ledger.complaint(notice.number), ledger.merchant.platform
    order = None if complaint is None else ledger.order(complaint.out_trade_no)
    if complaint is None or order is None or platform is None:
        return None
    return v3.complaint_callback(platform, order.notify_url, notice, complaint, ledger.now)


def _refund(ledger: Ledger, notice: Notice) -> CallbackRequest | None:
    refund, platform = ledger.refund(notice.number), ledger.merchant.platform
    if refund is None or refund.notify_url is None:
        return None
    if refund.api == "v2":
        return v2.refund_callback(ledger.merchant, refund)
    return None if platform is None else v3.refund_callback(platform, notice, refund, ledger.now)
