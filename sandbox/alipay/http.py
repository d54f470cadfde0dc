"""Alipay over HTTP: one address for every method, for servers and for browsers."""

from urllib.parse import urlsplit

from aiohttp import web

from sandbox.alipay.body import File, read_body
from sandbox.alipay.books import Archive
from sandbox.alipay.errors import AlipayError, Invalid, Missing, call_limited
from sandbox.alipay.execution import Executor
from sandbox.alipay.merchants import GATEWAY, Merchant, Merchants
from sandbox.alipay.pages import error_page, to_cashier
from sandbox.alipay.replies import encoded
from sandbox.alipay.request import Call, merchant_of, merged, read_call
from sandbox.alipay.routes import ROUTES, ApiRoute, PageRoute
from sandbox.faults import Faults
from sandbox.faulty_line import FaultyLine
from sandbox.hanging import Hangings
from sandbox.json_types import Resource

_BROKEN = "<html><head><title>500 Internal Server Error</title></head><body>500 Internal Server Error</body></html>"


class AlipayApi:
    """`/gateway.do`."""

    def __init__(
        self, merchants: Merchants, archive: Archive, executor: Executor, faults: Faults, hangings: Hangings
    ) -> None:
        self._merchants = merchants
        self._archive = archive
        self._executor = executor
        self._faults = faults
        self._hangings = hangings

    async def handle(self, request: web.Request) -> web.Response:
        parameters: dict[str, str] = {}
        merchant: Merchant | None = None
        try:
            form, file = await read_body(request)
            parameters = merged(urlsplit(request.raw_path).query, form)
            merchant = merchant_of(parameters, self._merchants)
            return await self._answer(request, merchant, parameters, file)
        except AlipayError as refused:
            method = parameters.get("method", "")
            return _refusal(method, refused, merchant)

    def call(
        self, parameters: dict[str, str], merchant: Merchant, file: File | None = None
    ) -> tuple[ApiRoute | PageRoute, Call]:
        """The verified call and what answers it. Raises `AlipayError`."""
        method = parameters.get("method")
        if not method:
            raise Missing("isv.missing-method", "缺少方法名参数")
        route = ROUTES.get(method)
        if route is None:
            raise Invalid("isv.invalid-method", "不存在的方法名")
        is_page = isinstance(route, PageRoute)
        return route, read_call(merchant, parameters, route.schema, self._archive.clock(), is_page=is_page, file=file)

    async def _answer(
        self, request: web.Request, merchant: Merchant, parameters: dict[str, str], file: File | None
    ) -> web.Response:
        route, call = self.call(parameters, merchant, file)

        async def work() -> web.Response:
            if isinstance(route, PageRoute):
                record = self._executor.open(route, call)
                return to_cashier(self._archive.open(merchant).page_url(record))
            return _reply(call.method, self._executor.answer(route, call), merchant)

        line = FaultyLine(
            GATEWAY, self._faults, self._hangings, _failed, lambda: _refusal(call.method, call_limited(), merchant)
        )
        return await line.answer(request, route.operation, work)


def _refusal(method: str, refused: AlipayError, merchant: Merchant | None) -> web.Response:
    if isinstance(ROUTES.get(method), PageRoute):
        return error_page(refused)
    return _reply(method if method in ROUTES else None, refused.body(), merchant)


def _reply(method: str | None, content: Resource, merchant: Merchant | None) -> web.Response:
    """Alipay says that its JSON is HTML, and 200 whatever happened."""
    return web.Response(text=encoded(method, content, merchant), content_type="text/html", charset="utf-8")


def _failed() -> web.Response:
    return web.Response(status=500, text=_BROKEN, content_type="text/html")
