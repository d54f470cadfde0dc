"""API v2 over HTTP: authenticates a request, lets faults happen to it, and answers signed. Every answer is a 200."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from sandbox.faulty_line import FaultyLine
from sandbox.surroundings import Surroundings
from sandbox.wechat.ids import new_nonce
from sandbox.wechat.ledger import Archive
from sandbox.wechat.merchants import GATEWAY, Merchant, Merchants
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.v2.calls import CALLS, Call
from sandbox.wechat.v2.errors import ERROR_CODES, FREQUENCY_LIMITED, SYSTEM_ERROR, Unheard
from sandbox.wechat.v2.signing import SIGN_TYPES, SignType, signed, verifies
from sandbox.wechat.v2.xml import NotFlatXml, read_xml, write_xml

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """A request whose signature is right. `fields` are those that are not empty."""

    merchant: Merchant
    sign_type: SignType
    fields: Mapping[str, str]


class V2Api:
    """The calls below `mount` (such as `/wechat`)."""

    def __init__(self, mount: str, around: Surroundings, merchants: Merchants, archive: Archive) -> None:
        self._mount = mount
        self._around = around
        self._merchants = merchants
        self._archive = archive

    def routes(self) -> Sequence[web.RouteDef]:
        return [web.route("*", self._mount + call.path, self._handler(call)) for call in CALLS]

    def _handler(self, call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                heard = await self._hear(request)
            except Unheard as unheard:
                return _unheard(unheard)

            async def work() -> web.Response:
                return self._done(call, heard)

            line = FaultyLine(
                GATEWAY,
                self._around.faults,
                self._around.hangings,
                failed=lambda: _refusal(heard, *SYSTEM_ERROR),
                turned_away=lambda: _refusal(heard, *FREQUENCY_LIMITED),
            )
            return await line.answer(request, call.operation, work)

        return handle

    async def _hear(self, request: web.Request) -> Heard:
        if request.method != "POST":
            raise Unheard("请使用post方法")
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise Unheard("post数据过大") from None
        if not body:
            raise Unheard("post数据为空")
        try:
            fields = read_xml(body)
        except NotFlatXml:
            raise Unheard("XML格式错误") from None
        merchant = self._merchants.by_mch_id(fields.get("mch_id", ""))
        if merchant is None:
            raise Unheard("商户号mch_id不存在")
        sign_type = fields.get("sign_type") or "MD5"
        if sign_type not in SIGN_TYPES:
            raise Unheard("sign_type参数错误")
        if not verifies(fields, merchant.api_key, sign_type):
            raise Unheard(Reason.SIGN_ERROR.value)
        return Heard(merchant, sign_type, {name: text for name, text in fields.items() if text})

    def _done(self, call: Call, heard: Heard) -> web.Response:
        """Does the call in one transaction. Once this returns, what it did is on disk."""
        try:
            _check(call, heard)
            with self._around.database.transaction():
                answer = call.handler(self._archive.open(heard.merchant), heard.fields)
        except Unheard as unheard:
            return _unheard(unheard)
        except Refused as refused:
            return _refusal(heard, ERROR_CODES[refused.reason], refused.message)
        except Exception:  # noqa: BLE001 - a caller gets WeChat Pay's SYSTEMERROR for our mistakes, and the log the reason
            _log.exception("%s failed", call.path)
            return _refusal(heard, *SYSTEM_ERROR)
        return _answer(heard, {"result_code": "SUCCESS", **answer})


def _check(call: Call, heard: Heard) -> None:
    call.shape.check(heard.fields, "")
    if heard.fields["appid"] != heard.merchant.app_id:
        raise Refused(Reason.APPID_MCHID_NOT_MATCH)


def _refusal(heard: Heard, err_code: str, err_code_des: str) -> web.Response:
    return _answer(heard, {"result_code": "FAIL", "err_code": err_code, "err_code_des": err_code_des[:128]})


def _answer(heard: Heard, fields: Mapping[str, str]) -> web.Response:
    whole = {
        "return_code": "SUCCESS",
        "return_msg": "OK",
        "appid": heard.merchant.app_id,
        "mch_id": heard.merchant.mch_id,
        "nonce_str": new_nonce(),
        **fields,
    }
    return _xml(signed(whole, heard.merchant.api_key, heard.sign_type))


def _unheard(unheard: Unheard) -> web.Response:
    return _xml({"return_code": "FAIL", "return_msg": unheard.return_msg})


def _xml(fields: Mapping[str, str]) -> web.Response:
    return web.Response(body=write_xml(fields), content_type="text/xml", charset="utf-8")
