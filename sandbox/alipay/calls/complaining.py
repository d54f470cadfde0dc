"""The life of a trade complaint: the customer's part, the merchant's and Alipay's own. The application is told of each change."""

import json
from dataclasses import replace

from sandbox.alipay.books import Books
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.ids import new_complaint_id
from sandbox.alipay.records.complaint import ENDED, Complaint, ComplaintStatus, Said
from sandbox.alipay.records.image import Image
from sandbox.alipay.records.trade import Trade

CHANGED = "alipay.merchant.tradecomplain.changed"
USUAL_REASON = "未收到货"
REFUSAL = "PARAM_ILLEGAL"
_MOST_IMAGES = 4
# Which call takes an answer while a complaint stands so. Source: the descriptions of the three methods in Alipay's own SDKs.
_TAKEN_WHILE: dict[str, tuple[ComplaintStatus, ...]] = {
    "feedback": ("MERCHANT_PROCESSING",),
    "reply": ("MERCHANT_PROCESSING", "MERCHANT_FEEDBACKED"),
    "supplement": ("PLATFORM_PROCESSING",),
}


def complain(books: Books, trade: Trade, reason: str) -> Complaint:
    """The customer of a paid trade complains."""
    complaint = Complaint(
        id=new_complaint_id(books.now),
        created=books.now,
        trade_no=trade.id,
        out_trade_no=trade.out_trade_no,
        total=trade.total,
        reason=reason,
        content="付款后一直没有收到商品",
        modified=books.now,
    )
    return _store(books, complaint)


def answer(books: Books, id: str, said: Said) -> None:
    """The merchant's part. Raises `BusinessFailed`."""
    complaint = need(books, id)
    if complaint.status not in _TAKEN_WHILE[said.call or ""]:
        raise BusinessFailed("STATUS_CHANGED", "投诉单状态已变更")
    if len(said.images) > _MOST_IMAGES or any(books.find(Image, each) is None for each in said.images):
        raise BusinessFailed(REFUSAL, "参数错误：图片不存在或过多")
    complaint.said.append(said)
    if said.call == "feedback":
        complaint.status = "MERCHANT_FEEDBACKED"
    _store(books, complaint)


def ask_again(books: Books, complaint: Complaint) -> Complaint:
    """The customer is not content, and says so."""
    complaint.said.append(Said("USER", "还是没有收到", books.now))
    return _store(books, complaint)


def escalate(books: Books, complaint: Complaint) -> Complaint:
    """The customer has Alipay's own people decide."""
    complaint.said.append(Said("USER", "申请平台介入", books.now))
    complaint.status = "PLATFORM_PROCESSING"
    return _store(books, complaint)


def end(books: Books, complaint: Complaint) -> Complaint:
    """However it stood."""
    before_alipay = complaint.status == "PLATFORM_PROCESSING"
    complaint.status = "PLATFORM_FINISH" if before_alipay else "FINISHED"
    complaint.finished = books.now
    return _store(books, complaint)


def ended(complaint: Complaint) -> bool:
    return complaint.status in ENDED


def need(books: Books, id: str) -> Complaint:
    """Raises `BusinessFailed`."""
    complaint = books.find(Complaint, id)
    if complaint is None:
        raise BusinessFailed(REFUSAL, "参数错误：投诉单不存在")
    return complaint


def _store(books: Books, complaint: Complaint) -> Complaint:
    stored = replace(complaint, modified=books.now)
    books.save(stored)
    trade = books.find(Trade, complaint.trade_no)
    # Real applications have one address for all of their messages: here each is told where its trade is.
    address = None if trade is None else trade.notify_url
    books.tell(address, CHANGED, json.dumps({"complain_event_id": complaint.id}))
    return stored
