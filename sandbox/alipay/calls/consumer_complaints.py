"""alipay.security.risk.complaint.info.query, .info.batchquery, .process.finish and .file.upload. Nobody is told of these complaints: they are to be asked for."""

from dataclasses import replace

from sandbox.alipay.body import LARGEST_FILE_BYTES
from sandbox.alipay.books import Books
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.ids import new_consumer_complaint_id, new_image_id, new_task_id
from sandbox.alipay.money import yuan
from sandbox.alipay.records.consumer_complaint import ConsumerComplaint
from sandbox.alipay.records.image import Image
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import read, written
from sandbox.json_types import Json, Resource

REFUSAL = "INVALID_PARAMETER"
CODES = {
    "CONSENSUS_WITH_CLIENT": "已联系到用户，协商一致，无异议",
    "ORTHER": "其他",
    "RECTIFICATION_NO_REFUND": "不涉及退款，已针对投诉内容进行整改",
    "REFUND": "已退款，用户无异议",
    "SUBMIT_PROOF_NOT_CONTACTED": "已提交证明材料",
}
STATUSES = {"WAIT_PROCESS": "待处理", "PROCESSED": "处理完成", "DROP_COMPLAIN": "用户撤诉"}
_USUAL_PAGE = 10
_OVERDUE_AFTER_SECONDS = 3 * 86400


def complain(books: Books, trades: list[Trade]) -> ConsumerComplaint:
    """The customer of paid trades complains."""
    complaint = ConsumerComplaint(
        id=new_consumer_complaint_id(),
        created=books.now,
        task_id=new_task_id(books.now),
        trade_nos=[trade.id for trade in trades],
        content="付款后商家不发货",
        overdue_at=books.now + _OVERDUE_AFTER_SECONDS,
    )
    books.save(complaint)
    return complaint


def drop(books: Books, complaint: ConsumerComplaint) -> ConsumerComplaint:
    """The customer takes it back."""
    dropped = replace(complaint, status="DROP_COMPLAIN")
    books.save(dropped)
    return dropped


def query(books: Books, call: Call) -> Resource:
    complaint = books.find(ConsumerComplaint, call.biz.need("complain_id"))
    if complaint is None:
        raise BusinessFailed(REFUSAL, "参数有误：投诉不存在")
    return _shown(books, complaint)


def batchquery(books: Books, call: Call) -> Resource:
    """Newest first."""
    begins, ends = _moment(call, "gmt_complaint_start", 0), _moment(call, "gmt_complaint_end", books.now)
    statuses, trade_no, task_id = (
        call.biz.options("status_list"),
        call.biz.text("trade_no"),
        call.biz.text("task_id"),
    )
    found = [
        each
        for each in books.all(ConsumerComplaint)
        if begins <= each.created <= ends
        and (not statuses or each.status in statuses)
        and (trade_no is None or trade_no in each.trade_nos)
        and task_id in (None, each.task_id)
    ]
    page, size = call.biz.whole("current_page_num", 1), call.biz.whole("page_size", _USUAL_PAGE)
    return {
        "current_page": page,
        "page_size": size,
        "total_size": len(found),
        "complaint_list": [_shown(books, each) for each in found[(page - 1) * size : page * size]],
    }


def finish(books: Books, call: Call) -> Resource:
    """Answers complaints; each of them is processed then, for good."""
    complaints = [books.find(ConsumerComplaint, str(number)) for number in call.biz.options("id_list")]
    known = [each for each in complaints if each is not None and each.waits]
    if not known or len(known) != len(complaints):
        raise BusinessFailed(REFUSAL, "参数有误：投诉不存在或已处理")
    images = _images(books, call)
    for complaint in known:
        processed = replace(
            complaint,
            status="PROCESSED",
            processed_at=books.now,
            process_code=call.biz.need("process_code"),
            remark=call.biz.text("remark"),
            images=images,
        )
        books.save(processed)
    return {"complaint_process_success": True}


def upload_file(books: Books, call: Call) -> Resource:
    file = call.file
    assert file is not None
    if file.size > LARGEST_FILE_BYTES or file.kind is None:
        raise BusinessFailed(REFUSAL, "参数有误：单图片文件大小请控制在5M以内")
    image = Image(new_image_id(), books.now, file.kind, file.sha256, file.size)
    books.save(image)
    return {"file_key": image.id, "file_name": file.name, "file_url": _url(image.id)}


def _images(books: Books, call: Call) -> list[str]:
    keys = []
    for given in call.biz.options("img_file_list"):
        key = given.get("img_url_key") if isinstance(given, dict) else None
        if (
            not isinstance(key, str)
            or books.find(Image, key) is None
            or given != {"img_url_key": key, "img_url": _url(key)}
        ):
            raise BusinessFailed(REFUSAL, "参数有误：img_file_list")
        keys.append(key)
    return keys


def _shown(books: Books, complaint: ConsumerComplaint) -> Resource:
    trades = [trade for number in complaint.trade_nos if (trade := books.find(Trade, number)) is not None]
    shown: Resource = {
        "id": int(complaint.id),
        "task_id": complaint.task_id,
        "opposite_pid": books.merchant.seller_id,
        "opposite_name": "商家",
        "complain_amount": yuan(sum(trade.total for trade in trades)),
        "contact": "13800000000",
        "gmt_complain": written(complaint.created),
        "gmt_overdue": written(complaint.overdue_at),
        "complain_content": complaint.content,
        "trade_no": complaint.trade_nos[0],
        "status": complaint.status,
        "status_description": STATUSES[complaint.status],
        "complaint_trade_info_list": [_trade(complaint, trade) for trade in trades],
    }
    if complaint.processed_at is not None and complaint.process_code is not None:
        shown["gmt_process"] = written(complaint.processed_at)
        shown["process_code"] = complaint.process_code
        shown["process_message"] = CODES[complaint.process_code]
        shown["process_img_url_list"] = [_url(key) for key in complaint.images]
        if complaint.remark is not None:
            shown["process_remark"] = complaint.remark
    return shown


def _trade(complaint: ConsumerComplaint, trade: Trade) -> Json:
    return {
        "id": trade.id[-9:],
        "complaint_record_id": complaint.id,
        "trade_no": trade.id,
        "out_no": trade.out_trade_no,
        "gmt_trade": written(trade.created),
        "status": complaint.status,
        "status_description": STATUSES[complaint.status],
        "amount": yuan(trade.total),
    }


def _url(key: str) -> str:
    return f"https://mdn.alipayobjects.com/security_fraudmng/afts/img/{key}/original"


def _moment(call: Call, name: str, otherwise: int) -> int:
    text = call.biz.text(name)
    return otherwise if text is None else read(text)
