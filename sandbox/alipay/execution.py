"""Carries out one verified call as one transaction."""

import logging

from sandbox.alipay.books import Archive
from sandbox.alipay.errors import AlipayError, unknown_error
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.replies import succeeded
from sandbox.alipay.request import Call
from sandbox.alipay.routes import ApiRoute, PageRoute
from sandbox.json_types import Resource
from sandbox.state.database import Database

_log = logging.getLogger(__name__)


class Executor:
    def __init__(self, database: Database, archive: Archive) -> None:
        self._database = database
        self._archive = archive

    def answer(self, route: ApiRoute, call: Call) -> Resource:
        """Once this returns, what the call did is on disk."""
        try:
            with self._database.transaction():
                return succeeded(route.handler(self._archive.open(call.merchant), call))
        except AlipayError as refused:
            return refused.body()
        except Exception:  # noqa: BLE001 - a caller gets Alipay's word for our mistakes, and the log the reason
            _log.exception("%s failed", call.method)
            return unknown_error().body()

    def open(self, route: PageRoute, call: Call) -> Trade | Authorisation:
        """What the customer who opens the address will pay. Raises `AlipayError`."""
        with self._database.transaction():
            return route.opener(self._archive.open(call.merchant), call)
