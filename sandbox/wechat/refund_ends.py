"""How refunds end that are settled from now on; tests choose it."""

from typing import cast

from sandbox.state.documents import Documents
from sandbox.wechat.merchants import GATEWAY
from sandbox.wechat.records.refund import RefundStatus

_KIND = "wechat.refund_end"
_ID = "wechat.refund_end"


class RefundEnds:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def choose(self, status: RefundStatus) -> None:
        self._documents.put(GATEWAY, _KIND, _ID, 0, status)

    def chosen(self) -> RefundStatus:
        return cast(RefundStatus, self._documents.get(GATEWAY, _KIND, _ID) or "SUCCESS")
