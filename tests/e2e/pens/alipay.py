"""Alipay's pen."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.hashes import SHA1, HashAlgorithm

from server.commands.dev_credentials import DevCredentials
from tests.e2e.pens.keys import key_of, signature
from tests.e2e.pens.message import Message, form


@dataclass(frozen=True, slots=True)
class AlipayPen:
    """Source: open platform, open/200/106120: RSA over the sorted fields, without `sign` and `sign_type`."""

    made: DevCredentials

    def fields(self, order_no: str, **changes: str | None) -> dict[str, str]:
        """A payment of 100.00; `None` leaves a field out."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        fields: dict[str, str | None] = {
            "notify_time": now,
            "notify_type": "trade_status_sync",
            "notify_id": secrets.token_hex(17),
            "app_id": self.made.alipay_app_id,
            "charset": "utf-8",
            "version": "1.0",
            "out_trade_no": order_no,
            "trade_no": f"2024010122001{secrets.randbelow(10**15):015}",
            "trade_status": "TRADE_SUCCESS",
            "total_amount": "100.00",
            "gmt_payment": now,
            "sign_type": "RSA2",
        }
        return {name: value for name, value in (fields | changes).items() if value is not None}

    def sign(self, fields: Mapping[str, str], algorithm: HashAlgorithm | None = None) -> dict[str, str]:
        covered = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name not in ("sign", "sign_type"))
        return {**fields, "sign": signature(key_of(self.made.alipay_platform_private_key), covered.encode(), algorithm)}

    def told(self, complaint: str, method: str = "alipay.merchant.tradecomplain.changed") -> dict[str, str]:
        """The open platform's message on a complaint, signed. Source: open platform, common/02km9j."""
        fields = {
            "notify_id": secrets.token_hex(17),
            "utc_timestamp": str(int(datetime.now(UTC).timestamp() * 1000)),
            "msg_method": method,
            "app_id": self.made.alipay_app_id,
            "version": "1.1",
            "charset": "UTF-8",
            "biz_content": json.dumps({"complain_event_id": complaint}),
            "sign_type": "RSA2",
        }
        return self.sign(fields)

    def message(self, order_no: str, **changes: str | None) -> Message:
        return form(self.sign(self.fields(order_no, **changes)))

    def downgraded(self, order_no: str, named: str = "RSA") -> Message:
        """A signature that is valid, by the weaker algorithm."""
        return form(self.sign(self.fields(order_no, sign_type=named), SHA1()))

    def documented(self, order_no: str, **changes: str) -> dict[str, str]:
        """The document's own example with a real signature; `gateway` is routing, and not signed."""
        fields = {
            "out_trade_no": order_no,
            "trade_no": "2024010122001234567890",
            "trade_status": "TRADE_SUCCESS",
            "total_amount": "100.00",
            "gmt_payment": "2024-01-01 12:00:00",
            "sign_type": "RSA2",
        }
        return {"gateway": "alipay", **self.sign(fields | changes)}
