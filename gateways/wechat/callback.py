"""How WeChat Pay's notifications look, and how they are answered: all that can be told of them without credentials."""

import json
import re
from collections.abc import Mapping

from gateways.wechat.fields import json_object
from gateways.wechat.v2 import xml
from server.domain.callback import Acknowledgement, CallbackFormat, CallbackMessage, Reply, Unreadable

_XML_START = re.compile(rb"\s*(?:<\?xml[^<>]*\?>\s*)?<xml>")
_DOCUMENTED = frozenset({"out_trade_no", "transaction_id", "result_code"})

_FAILURES = {Reply.REFUSED: (400, "the notification was refused"), Reply.LATER: (503, "try again later")}


class WechatDialect:
    """API v3's signed JSON, API v2's XML, and the documented JSON."""

    secret_fields: frozenset[str] = frozenset()

    def recognises(self, message: CallbackMessage) -> bool:
        match message.format:
            case CallbackFormat.SIGNED_JSON:
                return "wechatpay-signature" in message.headers
            case CallbackFormat.XML:
                return _XML_START.match(message.body.removeprefix(b"\xef\xbb\xbf")) is not None
            case CallbackFormat.DOCUMENTED_JSON:
                return (message.documented or {}).keys() >= _DOCUMENTED
            case CallbackFormat.FORM | CallbackFormat.UNKNOWN:
                return False

    def reference_in(self, message: CallbackMessage) -> str | None:
        """API v3 encrypts everything, API v2 its refunds."""
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                return _reference(message.documented or {})
            case CallbackFormat.XML:
                try:
                    fields = xml.read(message.body)
                except xml.NotFlat as error:
                    raise Unreadable(f"XML: {error}") from None
                return None if "req_info" in fields else _reference(fields)
            case _:
                try:
                    json_object(message.body.decode())
                except ValueError:
                    raise Unreadable("no JSON object that says one thing") from None
                return None

    def acknowledgement(self, message: CallbackMessage, reply: Reply) -> Acknowledgement:
        """Source: pay.weixin.qq.com, payment notifications: API v3 wants no body when all is well, API v2 wants XML."""
        if message.format is CallbackFormat.XML:
            return _xml(reply)
        if reply is Reply.ACCEPTED:
            return Acknowledgement(204)
        status, text = _FAILURES[reply]
        return Acknowledgement(status, "application/json", json.dumps({"code": "FAIL", "message": text}).encode())


def _xml(reply: Reply) -> Acknowledgement:
    status, text = (200, "OK") if reply is Reply.ACCEPTED else _FAILURES[reply]
    code = "SUCCESS" if reply is Reply.ACCEPTED else "FAIL"
    return Acknowledgement(status, "text/xml", xml.written({"return_code": code, "return_msg": text}))


def _reference(fields: Mapping[str, str]) -> str:
    reference = fields.get("out_trade_no")
    if not reference:
        raise Unreadable("it names no order")
    return reference
