"""What both of WeChat Pay's APIs can do: the seam between what is said and how it is said."""

from typing import Protocol

from gateways.wechat.failures import Failure
from gateways.wechat.replies import Closed, Prepaid, RefundReply, Trade
from gateways.wechat.request import Order


class Api(Protocol):
    """Each method is one call: it gives what WeChat Pay answered or why it did not, never raises, and ends in time."""

    async def prepay(self, order: Order) -> Prepaid | Failure:
        """Lets a customer pay an order. Repeated with the same parameters it is the same order."""
        ...

    async def query(self, reference: str) -> Trade | Failure:
        """Where an order stands."""
        ...

    async def close(self, reference: str) -> Closed | Failure:
        """Ends an order that is not paid."""
        ...

    async def refund(self, reference: str, refund_reference: str, fen: int, total_fen: int) -> RefundReply | Failure:
        """Returns `fen` of an order of `total_fen`. Under one refund number money is returned once."""
        ...

    async def query_refund(self, refund_reference: str) -> RefundReply | Failure:
        """Where a refund stands."""
        ...

    def sdk_parameters(self, prepay_id: str, timestamp: str, nonce: str) -> tuple[tuple[str, str], ...]:
        """What WeChat's client SDK is invoked with, signed. The same arguments give the same parameters."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...
