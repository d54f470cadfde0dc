"""Trade complaints of the simulated Alipay: told of by messages, asked for, listed, answered in three ways and ended."""

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.documents import JPEG, PDF, PNG
from tests.integration.alipay_sandbox import APP_ID, Sandbox, common, sandbox, signed

__all__ = ["sandbox"]

COMPLAIN = "alipay.merchant.tradecomplain"
CHANGED = f"{COMPLAIN}.changed"


async def complained(sandbox: Sandbox, out_trade_no: str = "order_1", **more: str) -> str:
    """The number of a complaint about a paid trade."""
    trade_no = await sandbox.paid(out_trade_no)
    body = {"gateway": "alipay", "gateway_payment_id": trade_no, **more}
    number: str = (await sandbox.control("POST", "disputes", body))["id"]
    return number


async def shown(sandbox: Sandbox, number: str) -> dict[str, Any]:
    return await sandbox.server(f"{COMPLAIN}.query", {"complain_event_id": number})


async def act(sandbox: Sandbox, number: str, customer: str) -> None:
    await sandbox.control("POST", f"alipay/complaints/{number}", {"customer": customer})


def messages(sandbox: Sandbox) -> list[dict[str, str]]:
    return [each for each in sandbox.inbox.messages if "msg_method" in each]


async def refused(sandbox: Sandbox, method: str, biz: dict[str, Any], **more: str) -> str:
    """The code of a call that is refused."""
    parameters = signed(common(f"alipay.merchant.{method}", json.dumps(biz), **more))
    answer = await sandbox.raw(parameters)
    return str(answer[f"alipay_merchant_{method.replace('.', '_')}_response"]["sub_code"])


async def uploaded(sandbox: Sandbox, content: bytes, image_type: str, field: str = "image_content") -> dict[str, Any]:
    """What is answered to an image: its kind is signed, its bytes are not."""
    parameters = signed(common("alipay.merchant.image.upload", image_type=image_type))
    decoded = await posted(sandbox, parameters, field, content)
    reply: dict[str, Any] = decoded["alipay_merchant_image_upload_response"]
    return reply


async def posted(sandbox: Sandbox, parameters: dict[str, str], field: str, content: bytes) -> dict[str, Any]:
    """The whole reply to a call with a file."""
    form = aiohttp.FormData()
    form.add_field(field, BytesIO(content), filename="evidence")
    async with sandbox.http.post(sandbox.gateway, params=parameters, data=form) as answer:
        decoded: dict[str, Any] = await answer.json(content_type="text/html")
        return decoded


async def test_a_complaint_is_told_of_by_a_message(sandbox: Sandbox) -> None:
    """In the standard form, signed like a notification; it names the complaint and nothing more."""
    number = await complained(sandbox)
    await sandbox.inbox.wait_until(lambda _: bool(messages(sandbox)))
    (message,) = messages(sandbox)
    assert message.keys() == {
        *("notify_id", "utc_timestamp", "msg_method", "app_id", "version", "charset", "biz_content"),
        *("sign_type", "sign"),
    }
    assert (message["msg_method"], message["app_id"], message["version"]) == (CHANGED, APP_ID, "1.1")
    assert json.loads(message["biz_content"]) == {"complain_event_id": number}
    signature = message["sign"]
    unsigned = {name: value for name, value in message.items() if name != "sign"}
    assert sandbox.sdk.verify(dict(unsigned), signature)
    assert not sandbox.sdk.verify({**unsigned, "biz_content": "{}"}, signature)


async def test_a_message_is_repeated_until_it_is_taken(sandbox: Sandbox) -> None:
    """Under the same `notify_id`."""
    sandbox.inbox.answer = "fail"
    await complained(sandbox)
    await sandbox.inbox.wait_until(lambda _: len(messages(sandbox)) >= 3)
    sandbox.inbox.answer = "success"
    assert len({message["notify_id"] for message in messages(sandbox)}) == 1


async def test_a_complaint_shows_its_trade(sandbox: Sandbox) -> None:
    """With the merchant's number and the amount, which the list does not have."""
    number = await complained(sandbox, reason="商品与描述不符")
    seen = await shown(sandbox, number)
    assert (seen["status"], seen["complain_reason"]) == ("MERCHANT_PROCESSING", "商品与描述不符")
    assert (seen["merchant_order_no"], seen["trade_amount"], seen["target_type"]) == ("order_1", "88.88", "PID")
    listed = await sandbox.server(f"{COMPLAIN}.batchquery", {"status": "MERCHANT_PROCESSING"})
    (one,) = listed["trade_complain_infos"]
    assert one == {name: seen[name] for name in one}
    assert "trade_amount" not in one
    assert (listed["page_num"], listed["total_num"], listed["total_page_num"]) == (1, 1, 1)


async def test_complaints_are_listed_in_pages(sandbox: Sandbox) -> None:
    """Newest first."""
    first, second = await complained(sandbox, "order_1"), await complained(sandbox, "order_2")
    listed = await sandbox.server(f"{COMPLAIN}.batchquery", {"page_num": 2, "page_size": 1})
    assert [each["complain_event_id"] for each in listed["trade_complain_infos"]] == [first]
    assert listed["total_page_num"] == 2
    finished = await sandbox.server(f"{COMPLAIN}.batchquery", {"status": "FINISHED"})
    assert finished["trade_complain_infos"] == []
    await sandbox.control("POST", f"disputes/{second}/close", {"outcome": "won"})
    finished = await sandbox.server(f"{COMPLAIN}.batchquery", {"status": "FINISHED"})
    assert [each["complain_event_id"] for each in finished["trade_complain_infos"]] == [second]


async def test_a_complaint_is_talked_about(sandbox: Sandbox) -> None:
    """Feedback first, with an image; then replies, and before Alipay's own people what supplements; each side's word is kept."""
    number = await complained(sandbox)
    image = (await uploaded(sandbox, PNG, "png"))["image_id"]
    fields = {"feedback_code": "03", "feedback_content": "已发货", "feedback_images": image}
    await sandbox.server(f"{COMPLAIN}.feedback.submit", {}, complain_event_id=number, **fields)
    assert (await shown(sandbox, number))["status"] == "MERCHANT_FEEDBACKED"
    await act(sandbox, number, "ask")
    reply = {"complain_event_id": number, "reply_content": "请再等一天"}
    await sandbox.server(f"{COMPLAIN}.reply.submit", reply)
    await act(sandbox, number, "escalate")
    assert await refused(sandbox, "tradecomplain.reply.submit", reply) == "STATUS_CHANGED"
    await sandbox.server(
        f"{COMPLAIN}.supplement.submit", {"complain_event_id": number, "supplement_content": "签收凭证"}
    )
    seen = await shown(sandbox, number)
    said = [(each["replier_role"], each["content"]) for each in seen["reply_detail_infos"]]
    assert [role for role, _ in said] == ["MERCHANT", "USER", "MERCHANT", "USER", "MERCHANT"]
    assert [words for role, words in said if role == "MERCHANT"] == ["已发货", "请再等一天", "签收凭证"]
    assert len(seen["reply_detail_infos"][0]["images"]) == 1
    ours = (await sandbox.control("GET", f"disputes/{number}/evidence"))["evidence"]
    assert ours[0] == {"feedback_code": "03", "feedback_content": "已发货", "feedback_images": [image]}
    closed = await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "lost"})
    assert closed["status"] == "PLATFORM_FINISH"
    assert (await shown(sandbox, number))["gmt_finished"]
    await sandbox.inbox.wait_until(lambda _: len(messages(sandbox)) == 7)


async def test_feedback_may_stand_inside_biz_content_too(sandbox: Sandbox) -> None:
    """But not in both places."""
    number = await complained(sandbox)
    fields = {"complain_event_id": number, "feedback_code": "04", "feedback_content": "已处理"}
    assert await refused(sandbox, "tradecomplain.feedback.submit", fields, feedback_code="04") == "PARAM_ILLEGAL"
    await sandbox.server(f"{COMPLAIN}.feedback.submit", fields)
    assert await refused(sandbox, "tradecomplain.feedback.submit", fields) == "STATUS_CHANGED"


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("query", {"complain_event_id": "2020092300102000000001459758"}),
    ("query", {"complain_event_id": ""}),
    ("query", {"unknown": "x"}),
    ("batchquery", {"page_size": 21}),
    ("batchquery", {"page_size": "20"}),
    ("batchquery", {"status": "LOST"}),
    ("batchquery", {"begin_time": "2020-01-01 00:00:00"}),
    ("feedback.submit", {"feedback_code": "99"}),
    ("feedback.submit", {"feedback_content": "答" * 201}),
    ("feedback.submit", {"feedback_images": "A*nothing"}),
    ("feedback.submit", {"operator": "七个字的操作人"}),
    ("reply.submit", {"reply_content": ""}),
    ("supplement.submit", {"supplement_content": "答" * 201}),
]


async def test_what_the_documentation_does_not_know_is_refused(sandbox: Sandbox) -> None:
    """Each as PARAM_ILLEGAL, and nothing is said."""
    number = await complained(sandbox)
    right: dict[str, dict[str, Any]] = {
        "query": {"complain_event_id": number},
        "batchquery": {},
        "feedback.submit": {"complain_event_id": number, "feedback_code": "04", "feedback_content": "答"},
        "reply.submit": {"complain_event_id": number, "reply_content": "答"},
        "supplement.submit": {"complain_event_id": number, "supplement_content": "答"},
    }
    for method, changes in WRONG:
        code = await refused(sandbox, f"tradecomplain.{method}", right[method] | changes)
        assert code == "PARAM_ILLEGAL", (method, changes)
    assert (await shown(sandbox, number))["reply_detail_infos"] == []


async def test_an_image_is_one_that_alipay_takes(sandbox: Sandbox) -> None:
    """By its first bytes, its size and its place in the form."""
    assert (await uploaded(sandbox, JPEG, "jpeg"))["code"] == "10000"
    for content, image_type in ((PNG, "jpg"), (PDF, "png"), (PNG, "gif")):
        assert (await uploaded(sandbox, content, image_type))["sub_code"] == "PARAM_ILLEGAL"
    assert (await uploaded(sandbox, PNG + bytes(5 << 20), "png"))["sub_code"] == "IMAGE_SIZE_OVERRANGE"
    assert (await uploaded(sandbox, PNG, "png", "file"))["sub_code"] == "isv.invalid-parameter"


async def test_a_file_goes_with_no_other_call(sandbox: Sandbox) -> None:
    """And an upload without one is refused."""
    parameters = signed(common("alipay.trade.query", '{"out_trade_no":"order_1"}'))
    decoded = await posted(sandbox, parameters, "file", PNG)
    assert decoded["alipay_trade_query_response"]["sub_code"] == "isv.invalid-parameter"
    assert await refused(sandbox, "image.upload", {}, image_type="png") == "isv.invalid-parameter"
    query = {"complain_event_id": "1"}
    assert await refused(sandbox, "tradecomplain.query", query, feedback_code="04") == "isv.invalid-parameter"


async def test_only_paid_trades_have_complaints_and_they_end_once(sandbox: Sandbox) -> None:
    """About the whole of it, and by a number that there is."""
    await sandbox.pay("abandon", url=sandbox.page_url())
    (waiting,) = await sandbox.payments("order_1")
    dispute = {"gateway": "alipay", "gateway_payment_id": waiting["gateway_payment_id"]}
    assert (await sandbox.control_raw("POST", "disputes", dispute))[0] == 409
    assert (await sandbox.control_raw("POST", "disputes", dispute | {"gateway_payment_id": "x"}))[0] == 404
    await sandbox.pay(reference="order_1")
    for wrong in ({"amount": "1.00"}, {"amount": 1}, {"amount": "x"}, {"reason": "x" * 65}):
        assert (await sandbox.control_raw("POST", "disputes", dispute | wrong))[0] == 400
    number = (await sandbox.control("POST", "disputes", dispute | {"amount": "88.88"}))["id"]
    assert (await sandbox.control_raw("POST", f"alipay/complaints/{number}", {"customer": "sue"}))[0] == 400
    assert (await sandbox.control_raw("POST", "alipay/complaints/x", {"customer": "ask"}))[0] == 404
    await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "won"})
    assert (await sandbox.control_raw("POST", f"disputes/{number}/close", {"outcome": "won"}))[0] == 409
    assert (await sandbox.control_raw("POST", f"alipay/complaints/{number}", {"customer": "ask"}))[0] == 409
    assert (await sandbox.control_raw("GET", "disputes/x/evidence"))[0] == 404


async def test_a_payment_from_frozen_money_is_complained_about_too(sandbox: Sandbox) -> None:
    """Under the authorisation's number as well as under the trade's."""
    auth_no = await sandbox.frozen("auth_1", "100.00")
    paid = {"out_trade_no": "order_9", "total_amount": "100.00", "subject": "A room", "product_code": "PRE_AUTH_ONLINE"}
    trade = await sandbox.server(
        "alipay.trade.pay", {**paid, "auth_no": auth_no, "auth_confirm_mode": "COMPLETE"}, notify_url=sandbox.notify_url
    )
    for number in (auth_no, trade["trade_no"]):
        body = {"gateway": "alipay", "gateway_payment_id": number}
        complaint = (await sandbox.control("POST", "disputes", body))["id"]
        assert (await shown(sandbox, complaint))["merchant_order_no"] == "order_9"


async def test_a_lost_answer_to_evidence_was_given(sandbox: Sandbox) -> None:
    """The fault hits the answering calls, and no upload."""
    number = await complained(sandbox)
    await sandbox.arm("evidence", "reset_after", count=1)
    assert (await uploaded(sandbox, PNG, "png"))["code"] == "10000"
    fields = {"complain_event_id": number, "reply_content": "答"}
    with pytest.raises(OSError, match=r".+"):
        await sandbox.server(f"{COMPLAIN}.reply.submit", fields)
    assert [each["content"] for each in (await shown(sandbox, number))["reply_detail_infos"]] == ["答"]


RISK = "alipay.security.risk.complaint"


async def complained_of_bill(sandbox: Sandbox, *trade_nos: str) -> str:
    """The number of a consumer complaint."""
    names = ("gateway_payment_id", "and_gateway_payment_id")
    number: str = (await sandbox.control("POST", "alipay/complaints", dict(zip(names, trade_nos, strict=False))))["id"]
    return number


async def stored(sandbox: Sandbox, content: bytes) -> dict[str, Any]:
    """What is answered to an image for a consumer complaint."""
    decoded = await posted(sandbox, signed(common(f"{RISK}.file.upload")), "file_content", content)
    reply: dict[str, Any] = decoded["alipay_security_risk_complaint_file_upload_response"]
    return reply


async def refused_finish(sandbox: Sandbox, biz: dict[str, Any]) -> str:
    answer = await sandbox.raw(signed(common(f"{RISK}.process.finish", json.dumps(biz))))
    return str(answer["alipay_security_risk_complaint_process_finish_response"]["sub_code"])


async def test_a_consumer_complaint_is_listed_and_processed(sandbox: Sandbox) -> None:
    """About each trade that it names; nobody is told of it, and an answer ends it."""
    first, second = await sandbox.paid("order_1"), await sandbox.paid("order_2", "1.00")
    number = await complained_of_bill(sandbox, first, second)
    listed = await sandbox.server(f"{RISK}.info.batchquery", {"status_list": ["WAIT_PROCESS"], "trade_no": second})
    assert (listed["current_page"], listed["total_size"]) == (1, 1)
    (one,) = listed["complaint_list"]
    assert (one["id"], one["status"], one["complain_amount"]) == (int(number), "WAIT_PROCESS", "89.88")
    trades = [(trade["trade_no"], trade["out_no"], trade["amount"]) for trade in one["complaint_trade_info_list"]]
    assert trades == [(first, "order_1", "88.88"), (second, "order_2", "1.00")]
    image = await stored(sandbox, PNG)
    finish = {
        "id_list": [int(number)],
        "process_code": "SUBMIT_PROOF_NOT_CONTACTED",
        "remark": "签收凭证",
        "img_file_list": [{"img_url": image["file_url"], "img_url_key": image["file_key"]}],
    }
    wrongs: list[dict[str, Any]] = [
        *({"id_list": ["1"]}, {"id_list": []}, {"process_code": "OTHER"}),
        {"img_file_list": [{"img_url": "x"}]},
    ]
    for wrong in wrongs:
        assert await refused_finish(sandbox, finish | wrong) == "INVALID_PARAMETER"
    assert await sandbox.server(f"{RISK}.process.finish", finish) == {
        "code": "10000",
        "msg": "Success",
        "complaint_process_success": True,
    }
    assert await refused_finish(sandbox, finish) == "INVALID_PARAMETER"
    seen = await sandbox.server(f"{RISK}.info.query", {"complain_id": number})
    assert (seen["status"], seen["process_remark"]) == ("PROCESSED", "签收凭证")
    assert seen["process_img_url_list"] == [image["file_url"]]
    (given,) = (await sandbox.control("GET", f"disputes/{number}/evidence"))["evidence"]
    assert given["img_file_list"] == [image["file_key"]]
    assert (await sandbox.control_raw("POST", f"disputes/{number}/close", {"outcome": "won"}))[0] == 409
    assert messages(sandbox) == []


async def test_consumer_complaints_are_dropped_and_images_are_images(sandbox: Sandbox) -> None:
    """By the customer; and a document is none."""
    trade_no = await sandbox.paid()
    number = await complained_of_bill(sandbox, trade_no)
    assert (await sandbox.control("GET", f"disputes/{number}/evidence"))["evidence"] == []
    assert (await sandbox.control("POST", f"disputes/{number}/close", {"outcome": "lost"}))["status"] == "DROP_COMPLAIN"
    later = {"gmt_complaint_start": "2099-01-01 00:00:00", "gmt_complaint_end": "2099-01-02 00:00:00"}
    assert (await sandbox.server(f"{RISK}.info.batchquery", later))["complaint_list"] == []
    for content in (PDF, PNG + bytes(5 << 20)):
        assert (await stored(sandbox, content))["sub_code"] == "INVALID_PARAMETER"
    unknown = {"gateway_payment_id": "x"}
    assert (await sandbox.control_raw("POST", "alipay/complaints", unknown))[0] == 404
