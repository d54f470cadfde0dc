"""API v3 over HTTP: authenticates a request, lets faults happen to it, and answers signed."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
from aiohttp import web

from sandbox.faulty_line import FaultyLine
from sandbox.json_types import Resource
from sandbox.state.database import Database
from sandbox.surroundings import Surroundings
from sandbox.wechat.ids import new_nonce
from sandbox.wechat.ledger import Archive
from sandbox.wechat.merchants import GATEWAY, Merchant
from sandbox.wechat.platform import Platform
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.v3.authorization import Authorization, SignedRequest, check_headers
from sandbox.wechat.v3.calls import Call, Input, find_call
from sandbox.wechat.v3.complaints import read_picture
from sandbox.wechat.v3.errors import FREQUENCY_LIMITED, NO_SUCH_URL, SYSTEM_ERROR, error_of
from sandbox.wechat.v3.signing import signed_headers

_UPLOAD = "multipart/form-data"
_log = logging.getLogger(__name__)


class V3Api:
    """Everything below `/v3/`, mounted at `mount` (such as `/wechat`)."""

    def __init__(self, mount: str, around: Surroundings, archive: Archive, authorization: Authorization) -> None:
        self._mount = mount
        self._around = around
        self._database: Database = around.database
        self._archive = archive
        self._authorization = authorization
        self._clock: Callable[[], float] = around.clock

    async def handle(self, request: web.Request) -> web.Response:
        upload: dict[str, Any] | None = None
        try:
            if request.content_type == _UPLOAD:
                body, upload = await read_picture(request)
            else:
                body = await request.read()
        except Refused as refused:
            return _unsigned(*error_of(refused))
        except web.HTTPRequestEntityTooLarge:
            return _unsigned(*error_of(Refused(Reason.PARAM_ERROR, "请求包体过大")))
        url = request.raw_path.removeprefix(self._mount)
        signed = SignedRequest(request.method, url, body, request.headers)
        try:
            merchant, platform = self._authorization.check(signed, self._clock())
        except Refused as refused:
            return _unsigned(*error_of(refused))
        found = find_call(request.method, unquote(urlsplit(url).path))
        if found is None:
            return self._answer(platform, *NO_SUCH_URL)
        call, number = found

        async def work() -> web.Response:
            return self._answer(platform, *self._done(merchant, signed, call, number, platform=platform, upload=upload))

        line = FaultyLine(
            GATEWAY,
            self._around.faults,
            self._around.hangings,
            failed=lambda: self._answer(platform, *SYSTEM_ERROR),
            turned_away=lambda: self._answer(platform, *FREQUENCY_LIMITED),
        )
        return await line.answer(request, call.operation, work)

    def _done(
        self,
        merchant: Merchant,
        signed: SignedRequest,
        call: Call,
        number: str,
        *,
        platform: Platform,
        upload: dict[str, Any] | None,
    ) -> tuple[int, Resource | None]:
        """Does the call in one transaction. Once this returns, what it did is on disk."""
        try:
            check_headers(signed.headers, platform, has_body=signed.method == "POST" and upload is None)
            given = Input(number, _fields(signed) if upload is None else upload)
            call.shape.check(given.fields, "")
            with self._database.transaction():
                answer = call.handler(self._archive.open(merchant), given)
        except Refused as refused:
            return error_of(refused)
        except Exception:  # noqa: BLE001 - a caller gets a 500 for our mistakes, as from WeChat Pay, and the log the reason
            _log.exception("%s %s failed", call.method, call.path.pattern)
            return SYSTEM_ERROR
        return (204, None) if answer is None else (200, answer)

    def _answer(self, platform: Platform, status: int, resource: Resource | None) -> web.Response:
        body = b"" if resource is None else orjson.dumps(resource)
        response = _unsigned(status, resource)
        response.headers.update(signed_headers(platform, body, self._clock()))
        return response


def _fields(signed: SignedRequest) -> dict[str, Any]:
    if signed.method != "POST":
        pairs = parse_qsl(urlsplit(signed.url).query, keep_blank_values=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            raise Refused(Reason.PARAM_ERROR, "参数重复")
        return fields
    try:
        decoded = orjson.loads(signed.body)
    except orjson.JSONDecodeError:
        raise Refused(Reason.PARAM_ERROR, "请求包体不是合法的JSON") from None
    if not isinstance(decoded, dict):
        raise Refused(Reason.PARAM_ERROR, "请求包体不是JSON对象")
    return decoded


def _unsigned(status: int, resource: Resource | None) -> web.Response:
    headers = {"Request-ID": new_nonce()}
    if resource is None:
        return web.Response(status=status, headers=headers)
    headers["Content-Type"] = "application/json; charset=utf-8"
    return web.Response(status=status, body=orjson.dumps(resource), headers=headers)
