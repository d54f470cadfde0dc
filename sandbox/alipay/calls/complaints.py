"""alipay.merchant.tradecomplain.query, .batchquery, .feedback.submit, .reply.submit and .supplement.submit, and alipay.merchant.image.upload."""

from sandbox.alipay.body import LARGEST_FILE_BYTES
from sandbox.alipay.books import Books
from sandbox.alipay.calls.complaining import REFUSAL, answer, need
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.ids import new_image_id
from sandbox.alipay.money import yuan
from sandbox.alipay.records.complaint import Complaint, Said
from sandbox.alipay.records.image import Image
from sandbox.alipay.request import Call
from sandbox.alipay.times import read, written
from sandbox.json_types import Json, Resource

_USUAL_SPAN_SECONDS = 30 * 86400
_LONGEST_SPAN_SECONDS = 366 * 86400
_USUAL_PAGE = 10
_IMAGE_KINDS = {"jpg": "jpg", "jpeg": "jpg", "png": "png"}


def query(books: Books, call: Call) -> Resource:
    complaint = need(books, call.biz.need("complain_event_id"))
    return {
        **_shown(books, complaint),
        "trade_amount": yuan(complaint.total),
        "reply_detail_infos": [_record(said) for said in complaint.said],
    }


def batchquery(books: Books, call: Call) -> Resource:
    """Newest first, without the trades' amounts and without what was said."""
    ends = _moment(call, "end_time", books.now)
    begins = _moment(call, "begin_time", ends - _USUAL_SPAN_SECONDS)
    if not 0 <= ends - begins <= _LONGEST_SPAN_SECONDS:
        raise BusinessFailed(REFUSAL, "参数错误：时间跨度最大一年")
    status = call.biz.text("status")
    found = [
        each
        for each in books.all(Complaint)
        if begins <= each.created <= ends and status in (None, each.status) and _is_against(books, call, each)
    ]
    page, size = call.biz.whole("page_num", 1), call.biz.whole("page_size", _USUAL_PAGE)
    return {
        "page_num": page,
        "page_size": size,
        "total_num": len(found),
        "total_page_num": -(-len(found) // size),
        "trade_complain_infos": [_shown(books, each) for each in found[(page - 1) * size : page * size]],
    }


def feedback(books: Books, call: Call) -> Resource:
    return _answer(books, call, "feedback", call.biz.need("feedback_code"))


def reply(books: Books, call: Call) -> Resource:
    return _answer(books, call, "reply")


def supplement(books: Books, call: Call) -> Resource:
    return _answer(books, call, "supplement")


def upload_image(books: Books, call: Call) -> Resource:
    """An image is what its bytes are, whatever it is called."""
    file, kind = call.file, _IMAGE_KINDS[call.biz.need("image_type")]
    assert file is not None
    if file.size > LARGEST_FILE_BYTES:
        raise BusinessFailed("IMAGE_SIZE_OVERRANGE", "图片大小超出范围")
    if file.kind != kind:
        raise BusinessFailed(REFUSAL, "参数错误：图片格式与 image_type 不一致")
    image = Image(new_image_id(), books.now, kind, file.sha256, file.size)
    books.save(image)
    return {"image_id": image.id}


def _answer(books: Books, call: Call, name: str, code: str | None = None) -> Resource:
    images = call.biz.text(f"{name}_images")
    said = Said(
        role="MERCHANT",
        content=call.biz.need(f"{name}_content"),
        at=books.now,
        images=tuple(images.split(",")) if images else (),
        call=name,
        feedback_code=code,
    )
    answer(books, call.biz.need("complain_event_id"), said)
    return {}


def _shown(books: Books, complaint: Complaint) -> Resource:
    shown: Resource = {
        "complain_event_id": complaint.id,
        "status": complaint.status,
        "trade_no": complaint.trade_no,
        "merchant_order_no": complaint.out_trade_no,
        "gmt_create": written(complaint.created),
        "gmt_modified": written(complaint.modified),
        "leaf_category_name": "要求退款",
        "complain_reason": complaint.reason,
        "content": complaint.content,
        "images": [],
        "phone_no": "13800000000",
        "target_id": books.merchant.seller_id,
        "target_type": "PID",
    }
    if complaint.finished is not None:
        shown["gmt_finished"] = written(complaint.finished)
    return shown


def _record(said: Said) -> Json:
    images: list[Json] = [f"https://mdn.alipayobjects.com/{image}" for image in said.images]
    return {
        "replier_role": said.role,
        "replier_name": said.role.title(),
        "content": said.content,
        "gmt_create": written(said.at),
        "images": images,
    }


def _is_against(books: Books, call: Call, complaint: Complaint) -> bool:
    targets = call.biz.options("target_infos")
    ours = {"target_id": books.merchant.seller_id, "target_type": "PID"}
    return not targets or ours in targets


def _moment(call: Call, name: str, otherwise: int) -> int:
    text = call.biz.text(name)
    return otherwise if text is None else read(text)
