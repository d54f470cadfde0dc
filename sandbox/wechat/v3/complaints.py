"""API v3's calls about complaints. Source: pay.weixin.qq.com, API v3, consumer complaints 2.0."""

from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, cast

import orjson
from aiohttp import BodyPartReader, web

from sandbox.json_types import Json, Resource
from sandbox.wechat.calls import complaints
from sandbox.wechat.calls.customer import CUSTOMER
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.records.complaint import Complaint, Said
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.shape import Group, Listing, Text, Whole, wrong
from sandbox.wechat.times import BEIJING, rfc3339
from sandbox.wechat.v3.fields import MCHID

PICTURES_PATH = "/v3/merchant-service/images/upload"
ANSWER = Group({"complainted_mchid": MCHID, "response_content": Text(200)}, {"response_images": Listing(Text(512))})
COMPLETION = Group({"complainted_mchid": MCHID})
PICTURE = Group(
    {
        "filename": Text(256, 1, r".+\.(jpg|png|bmp)"),
        "sha256": Text(64, 64),
        "file": Text(64, 64),
        "size": Whole(1, 2 << 20),
    }
)
PAGE = Group({}, {"limit": Text(3, 1, "[0-9]+"), "offset": Text(9, 1, "[0-9]+")})


_DAY = Text(10, 10, "[0-9]{4}-[0-9]{2}-[0-9]{2}")
LIST = Group(
    {"begin_date": _DAY, "end_date": _DAY},
    {"limit": Text(2, 1, "[0-9]+"), "offset": Text(9, 1, "[0-9]+"), "complainted_mchid": MCHID},
)
_LARGEST_PAGE = 50
_LONGEST_SPAN = timedelta(days=30)


async def read_picture(request: web.Request) -> tuple[bytes, dict[str, Any]]:
    """What is signed of an upload, which is its description, and its fields with what the file is. Raises `Refused`."""
    meta, file = b"", None
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "meta":
                meta = bytes(await part.read())
            elif isinstance(part, BodyPartReader) and part.name == "file":
                file = bytes(await part.read())
        described: Json = orjson.loads(meta)
    except (ValueError, AssertionError):
        raise Refused(Reason.PARAM_ERROR, "请求包体不是合法的表单") from None
    if file is None or not isinstance(described, dict):
        raise Refused(Reason.PARAM_ERROR, "请求包体不是合法的表单")
    return meta, {**described, "file": sha256(file).hexdigest(), "size": len(file)}


def upload(ledger: Ledger, fields: Resource) -> Resource:
    name, given, found = cast(str, fields["filename"]), cast(str, fields["sha256"]), cast(str, fields["file"])
    if given.lower() != found:
        raise Refused(Reason.PARAM_ERROR, "图片的sha256值不一致", "/meta/sha256")
    return {"media_id": complaints.upload(ledger, name, found, cast(int, fields["size"])).id}


def answer(ledger: Ledger, id: str, fields: Resource) -> None:
    _check_mchid(ledger, fields)
    pictures = tuple(cast("list[str]", fields.get("response_images", [])))
    complaints.answer(ledger, id, cast(str, fields["response_content"]), pictures)


def complete(ledger: Ledger, id: str, fields: Resource) -> None:
    _check_mchid(ledger, fields)
    complaints.complete(ledger, id)


def list_all(ledger: Ledger, fields: Resource) -> Resource:
    """Those that were made from one day to another, newest first."""
    if "complainted_mchid" in fields:
        _check_mchid(ledger, fields)
    first, last = _day(fields, "begin_date"), _day(fields, "end_date")
    if not timedelta(0) <= last - first < _LONGEST_SPAN:
        raise wrong("/end_date", "must be at most 30 days behind begin_date")
    limit, offset = int(cast(str, fields.get("limit", "10"))), int(cast(str, fields.get("offset", "0")))
    if not 1 <= limit <= _LARGEST_PAGE:
        raise wrong("/limit", f"must be between 1 and {_LARGEST_PAGE}")
    begin, end = (datetime.combine(each, time(), BEIJING).timestamp() for each in (first, last + timedelta(days=1)))
    found = [each for each in ledger.complaints() if begin <= each.created < end]
    data: Json = [_in_list(show(ledger, each.id)) for each in found[offset : offset + limit]]
    return {"data": data, "limit": limit, "offset": offset, "total_count": len(found)}


def show(ledger: Ledger, id: str) -> Resource:
    complaint = complaints.need(ledger, id)
    order = ledger.order(complaint.out_trade_no)
    transaction_id = None if order is None else order.transaction_id
    return {
        "complaint_id": complaint.id,
        "complaint_time": rfc3339(complaint.created),
        "complaint_detail": complaint.history[0].words,
        "complaint_state": complaint.state,
        "complainted_mchid": complaint.mch_id,
        "payer_openid": CUSTOMER,
        "complaint_order_info": [
            {"transaction_id": transaction_id, "out_trade_no": complaint.out_trade_no, "amount": complaint.total}
        ],
        "complaint_full_refunded": order is not None and order.refunded == order.total,
        "incoming_user_response": False,
        "problem_description": "不满意商家服务",
        "user_complaint_times": 1,
        "problem_type": complaint.reason,
        "apply_refund_amount": complaint.amount,
    }


def history(ledger: Ledger, id: str, fields: Resource) -> Resource:
    """Newest first."""
    complaint = complaints.need(ledger, id)
    limit, offset = int(cast(str, fields.get("limit", "100"))), int(cast(str, fields.get("offset", "0")))
    entries = [_shown(said) for said in reversed(complaint.history)]
    return {"data": entries[offset : offset + limit], "limit": limit, "offset": offset, "total_count": len(entries)}


def told(complaint: Complaint, said: str) -> Resource:
    """What a notification says: the rest is to be asked for."""
    return {"complaint_id": complaint.id, "action_type": _ACTIONS.get(said, said)}


def _shown(said: Said) -> Json:
    entry: Resource = {
        "log_id": said.log_id,
        "operator": said.operator,
        "operate_time": rfc3339(said.at),
        "operate_type": said.kind,
        "operate_details": said.words,
    }
    if said.pictures:
        urls: Json = [f"https://api.mch.weixin.qq.com/v3/merchant-service/images/{each}" for each in said.pictures]
        entry["complaint_media_list"] = {"media_type": "OPERATION_IMAGE", "media_url": urls}
    return entry


def _in_list(shown: Resource) -> Resource:
    """The list does not say who complains."""
    return {name: value for name, value in shown.items() if name != "payer_openid"}


def _day(fields: Resource, name: str) -> date:
    try:
        return date.fromisoformat(cast(str, fields[name]))
    except ValueError:
        raise wrong(f"/{name}", "is no day") from None


def _check_mchid(ledger: Ledger, fields: Resource) -> None:
    if fields["complainted_mchid"] != ledger.merchant.mch_id:
        raise Refused(Reason.NO_AUTH)


_ACTIONS = {"USER_CREATE_COMPLAINT": "CREATE_COMPLAINT"}
