"""PayPal's pen, and where its certificate is."""

import json
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import load_pem_x509_certificate

from tests.e2e.pens.keys import key_of, signature
from tests.e2e.pens.message import JSON, Message


@dataclass(frozen=True, slots=True)
class PaypalPen:
    """RSA over transmission id, time, webhook id and the body's CRC-32, under the certificate at `cert_url`. Source: PayPal's "integrate webhooks"."""

    webhook_id: str
    cert_url: str
    key: RSAPrivateKey

    def capture(self, order_no: str, paypal_order_id: str, **changes: Any) -> dict[str, Any]:
        """The event that a capture of 100.00 USD is completed."""
        resource = {
            "id": f"{secrets.token_hex(8).upper()}P",
            "status": "COMPLETED",
            "amount": {"currency_code": "USD", "value": "100.00"},
            "invoice_id": order_no,
            "supplementary_data": {"related_ids": {"order_id": paypal_order_id}},
            "create_time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        } | changes
        return {
            "id": f"WH-{secrets.token_hex(8).upper()}P",
            "event_version": "1.0",
            "resource_type": "capture",
            "event_type": "PAYMENT.CAPTURE.COMPLETED",
            "resource": resource,
        }

    def message(self, event: Mapping[str, Any], webhook_id: str | None = None) -> Message:
        return self.signed(json.dumps(event).encode(), webhook_id)

    def signed(self, body: bytes, webhook_id: str | None = None) -> Message:
        transmission, sent_at = secrets.token_hex(16), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = f"{transmission}|{sent_at}|{webhook_id or self.webhook_id}|{crc32(body)}"
        headers = {
            "Paypal-Transmission-Id": transmission,
            "Paypal-Transmission-Time": sent_at,
            "Paypal-Transmission-Sig": signature(self.key, text.encode()),
            "Paypal-Cert-Url": self.cert_url,
            "Paypal-Auth-Algo": "SHA256withRSA",
        }
        return Message(JSON, body, headers)


def documented(order_no: str, **changes: str) -> dict[str, str]:
    """The document's own example, which carries no signature."""
    fields = {
        "gateway": "paypal",
        "invoice_id": order_no,
        "payment_id": "PAYID-1234567890",
        "payment_status": "Completed",
        "mc_gross": "100.00",
        "payment_date": "2024-01-01 12:00:00",
    }
    return fields | changes


def paypal_pen(data_dir: Path, sandbox: str, webhook_id: str) -> PaypalPen:
    """That of a development service's PayPal."""
    kept = _authority(data_dir)
    serial = f"{load_pem_x509_certificate(kept['certificate'].encode()).serial_number:040x}"
    cert_url = f"{sandbox}/paypal/v1/notifications/certs/CERT-{serial[:8]}-{serial[8:16]}-{serial[16:24]}"
    return PaypalPen(webhook_id, cert_url, key_of(kept["key"]))


def _authority(data_dir: Path) -> dict[str, str]:
    """The simulated PayPal's certificate and key, from a copy of its state: the running sandbox has its database for itself."""
    with TemporaryDirectory() as folder:
        for file in data_dir.glob("sandbox.db*"):
            shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / "sandbox.db")) as database:
            ((body,),) = database.execute("SELECT body FROM documents WHERE kind = 'paypal.authority'").fetchall()
    kept: dict[str, str] = json.loads(body)
    return kept
