"""WeChat Pay's pen, for both of its APIs."""

import hashlib
import json
import secrets
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.commands.dev_credentials import DevCredentials
from tests.e2e.pens.keys import key_of, signature
from tests.e2e.pens.message import JSON, Message, xml


@dataclass(frozen=True, slots=True)
class WechatPen:
    """API v3: RSA over time, nonce and body, AES-GCM inside. API v2 and the documented JSON: a digest over the sorted fields and the key."""

    made: DevCredentials

    def resource(self, order_no: str, **changes: Any) -> dict[str, Any]:
        """A payment of 100.00 in fen."""
        fields: dict[str, Any] = {
            "appid": self.made.wechat_app_id,
            "mchid": self.made.wechat_mch_id,
            "out_trade_no": order_no,
            "transaction_id": f"42000{secrets.randbelow(10**23):023}",
            "trade_type": "NATIVE",
            "trade_state": "SUCCESS",
            "trade_state_desc": "支付成功",
            "bank_type": "OTHERS",
            "success_time": datetime.now(UTC).isoformat(timespec="seconds"),
            "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
            "amount": {"total": 10000, "payer_total": 10000, "currency": "CNY", "payer_currency": "CNY"},
        } | changes
        return {name: value for name, value in fields.items() if value is not None}

    def message(self, order_no: str, *, off_seconds: int = 0, **changes: Any) -> Message:
        return self.sealed(self.resource(order_no, **changes), off_seconds=off_seconds)

    def sealed(self, resource: Mapping[str, Any], *, flip: bool = False, off_seconds: int = 0) -> Message:
        """`flip` alters the last bit of the authentication tag, under a signature that covers it."""
        nonce, about = secrets.token_hex(6), "transaction"
        sealed = bytearray(
            AESGCM(self.made.wechat_apiv3_key.encode()).encrypt(
                nonce.encode(), json.dumps(resource).encode(), about.encode()
            )
        )
        sealed[-1] ^= int(flip)
        body = json.dumps(
            {
                "id": secrets.token_hex(16),
                "create_time": datetime.now(UTC).isoformat(timespec="seconds"),
                "resource_type": "encrypt-resource",
                "event_type": "TRANSACTION.SUCCESS",
                "summary": "支付成功",
                "resource": {
                    "original_type": about,
                    "algorithm": "AEAD_AES_256_GCM",
                    "ciphertext": b64encode(bytes(sealed)).decode(),
                    "associated_data": about,
                    "nonce": nonce,
                },
            },
            ensure_ascii=False,
        ).encode()
        return self.signed(body, off_seconds=off_seconds)

    def signed(self, body: bytes, *, off_seconds: int = 0) -> Message:
        timestamp, nonce = str(int(time.time()) + off_seconds), secrets.token_hex(16)
        text = b"".join(part + b"\n" for part in (timestamp.encode(), nonce.encode(), body))
        headers = {
            "Wechatpay-Serial": self.made.wechat_platform_public_key_id,
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signature(key_of(self.made.wechat_platform_private_key), text),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }
        return Message(JSON, body, headers)

    def v2_fields(self, order_no: str, **changes: str | None) -> dict[str, str]:
        fields: dict[str, str | None] = {
            "return_code": "SUCCESS",
            "result_code": "SUCCESS",
            "appid": self.made.wechat_app_id,
            "mch_id": self.made.wechat_mch_id,
            "nonce_str": secrets.token_hex(16),
            "out_trade_no": order_no,
            "transaction_id": f"42000{secrets.randbelow(10**23):023}",
            "total_fee": "10000",
            "fee_type": "CNY",
            "time_end": "20240101120000",
        }
        return {name: value for name, value in (fields | changes).items() if value is not None}

    def v2_signed(self, fields: Mapping[str, str]) -> dict[str, str]:
        covered = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "sign" and fields[name])
        text = f"{covered}&key={self.made.wechat_api_key}".encode()
        return {**fields, "sign": hashlib.md5(text, usedforsecurity=False).hexdigest().upper()}

    def v2_message(self, order_no: str, **changes: str | None) -> Message:
        return xml(self.v2_signed(self.v2_fields(order_no, **changes)))

    def documented(self, order_no: str, **changes: str) -> dict[str, str]:
        fields = {
            "out_trade_no": order_no,
            "transaction_id": "4200001234567890",
            "result_code": "SUCCESS",
            "total_fee": "10000",
            "time_end": "20240101120000",
        }
        return {"gateway": "wechat", **self.v2_signed(fields | changes)}
