"""Complaints: customers make them, merchants answer, and each is told of what the other says."""

from uuid import uuid4

from sandbox.wechat.ids import new_complaint_id, new_media_id
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.records.complaint import Complaint, Said
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Order
from sandbox.wechat.records.picture import Picture
from sandbox.wechat.refusals import Reason, Refused

REASONS = ("REFUND", "SERVICE_NOT_WORK", "OTHERS")
USUAL_REASON = "REFUND"
_CUSTOMER, _MERCHANT, _PLATFORM = "投诉人", "商户", "系统"
_MOST_PICTURES = 4


def complain(ledger: Ledger, order: Order, amount: int, reason: str) -> Complaint:
    """The customer of a paid order complains."""
    complaint = Complaint(
        id=new_complaint_id(ledger.now),
        mch_id=ledger.merchant.mch_id,
        out_trade_no=order.out_trade_no,
        created=int(ledger.now),
        amount=amount,
        total=order.total,
        reason=reason,
    )
    told = _said(ledger, _CUSTOMER, "USER_CREATE_COMPLAINT", "反馈一个重复扣费的问题")
    complaint = complaint.say(told, "PENDING")
    _store(ledger, complaint, "COMPLAINT.CREATE")
    return complaint


def answer(ledger: Ledger, id: str, words: str, pictures: tuple[str, ...]) -> None:
    """The merchant answers the customer."""
    complaint = need(ledger, id)
    if complaint.state == "PROCESSED":
        raise Refused(Reason.INVALID_REQUEST, "投诉单状态不允许此操作")
    if len(pictures) > _MOST_PICTURES or any(ledger.picture(each) is None for each in pictures):
        raise Refused(Reason.PARAM_ERROR, "图片凭证不存在或超过4张", "/response_images")
    said = _said(ledger, _MERCHANT, "MERCHANT_RESPONSE", words, pictures)
    _store(ledger, complaint.say(said, "PROCESSING"), "COMPLAINT.STATE_CHANGE")


def complete(ledger: Ledger, id: str) -> None:
    """The merchant says that it is settled."""
    _end(ledger, need(ledger, id), _MERCHANT, "MERCHANT_CONFIRM_COMPLETE")


def end(ledger: Ledger, complaint: Complaint) -> Complaint:
    """WeChat Pay's service ends it."""
    return _end(ledger, complaint, _PLATFORM, "PLATFORM_SERVICE_FINISHED")


def upload(ledger: Ledger, filename: str, sha256: str, size: int) -> Picture:
    picture = Picture(id=new_media_id(), created=int(ledger.now), filename=filename, sha256=sha256, size=size)
    ledger.save(picture)
    return picture


def need(ledger: Ledger, id: str) -> Complaint:
    complaint = ledger.complaint(id)
    if complaint is None:
        raise Refused(Reason.COMPLAINT_NOT_EXIST)
    return complaint


def _end(ledger: Ledger, complaint: Complaint, operator: str, kind: str) -> Complaint:
    if complaint.state == "PROCESSED":
        raise Refused(Reason.INVALID_REQUEST, "投诉单状态不允许此操作")
    ended = complaint.say(_said(ledger, operator, kind, "投诉已处理完成"), "PROCESSED")
    _store(ledger, ended, "COMPLAINT.STATE_CHANGE")
    return ended


def _said(ledger: Ledger, operator: str, kind: str, words: str, pictures: tuple[str, ...] = ()) -> Said:
    id = new_complaint_id(ledger.now)
    return Said(log_id=id, at=ledger.now, operator=operator, kind=kind, words=words, pictures=pictures)


def _store(ledger: Ledger, complaint: Complaint, event: str) -> None:
    ledger.save(complaint)
    said = complaint.history[-1].kind
    notice = Notice(
        id=str(uuid4()), created=int(ledger.now), about="complaint", number=complaint.id, event=event, said=said
    )
    ledger.announce(notice)
