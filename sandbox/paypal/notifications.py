"""Hands PayPal's webhook events and IPNs to the courier, signed."""

import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from zlib import crc32

import orjson

from sandbox.callbacks import CallbackRequest
from sandbox.json_types import Json
from sandbox.paypal.books import Archive
from sandbox.paypal.certificates import Certificates
from sandbox.paypal.merchants import Merchant
from sandbox.paypal.records.event import Event
from sandbox.paypal.records.ipn import Ipn
from sandbox.paypal.times import timestamp

# 25 tries within three days. Source: PayPal's "webhooks", "message delivery"; when each of them comes it does not say.
RETRY_SECONDS = (15, 60, 300, 900, 1_800, 3_600, *([14_000] * 18))
_SIGNED = ("transmission_id", "transmission_time", "webhook_id")
_ALGORITHM = "SHA256withRSA"
CERTIFICATES_PATH = "/v1/notifications/certs/"


def signed_message(transmission_id: str, sent_at: str, webhook_id: str, body: bytes) -> bytes:
    """What PayPal signs. Source: PayPal's "integrate webhooks", "verify the message yourself"."""
    return f"{transmission_id}|{sent_at}|{webhook_id}|{crc32(body)}".encode()


class Notifications:
    retry_seconds = RETRY_SECONDS

    def __init__(self, archive: Archive, certificates: Certificates, clock: Callable[[], float]) -> None:
        self._archive = archive
        self._certificates = certificates
        self._clock = clock

    @property
    def certificate_url(self) -> str:
        return f"{self._archive.base_url}{CERTIFICATES_PATH}{self._certificates.name}"

    def callback(self, owner: str, subject: str) -> CallbackRequest | None:
        merchant = self._archive.merchants.by_id(owner)
        if merchant is None:
            return None
        kind, _, rest = subject.partition("/")
        if kind == "ipn":
            return self._ipn(merchant, rest)
        webhook_id, _, event_id = rest.partition("/")
        return self._event(merchant, webhook_id, event_id)

    def acknowledges(self, status: int, body: bytes) -> bool:
        return 200 <= status < 300

    def genuine(self, message: Mapping[str, Json]) -> bool:
        """Whether this application was sent this event. It is compared without the spaces that parsing and writing it again may put in."""
        body = orjson.dumps(message["webhook_event"])
        transmission_id, sent_at, webhook_id = (str(message[name]) for name in _SIGNED)
        signed = signed_message(transmission_id, sent_at, webhook_id, body)
        try:
            signature = b64decode(str(message["transmission_sig"]), validate=True)
        except ValueError:
            return False
        is_ours = message["auth_algo"] == _ALGORITHM and message["cert_url"] == self.certificate_url
        return is_ours and self._certificates.verifies(signature, signed)

    def _event(self, merchant: Merchant, webhook_id: str, event_id: str) -> CallbackRequest | None:
        event = self._archive.stored(merchant.id, Event, event_id)
        webhook = next((each for each in self._archive.open(merchant).webhooks() if each.id == webhook_id), None)
        if event is None or webhook is None:
            return None
        body = orjson.dumps(event.shown())
        # The same transmission, however often it is tried; only its time is new.
        transmission_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{webhook_id}/{event_id}"))
        sent_at = timestamp(self._clock())
        signature = self._certificates.sign(signed_message(transmission_id, sent_at, webhook_id, body))
        headers = {
            "Content-Type": "application/json",
            "PAYPAL-TRANSMISSION-ID": transmission_id,
            "PAYPAL-TRANSMISSION-TIME": sent_at,
            "PAYPAL-TRANSMISSION-SIG": b64encode(signature).decode(),
            "PAYPAL-CERT-URL": self.certificate_url,
            "PAYPAL-AUTH-ALGO": _ALGORITHM,
            "PAYPAL-AUTH-VERSION": "v2",
            "User-Agent": "PayPal/AUHD-214.0-58843571",
        }
        return CallbackRequest(webhook.url, headers, body)

    def _ipn(self, merchant: Merchant, ipn_id: str) -> CallbackRequest | None:
        ipn = self._archive.stored(merchant.id, Ipn, ipn_id)
        url = self._archive.merchants.ipn_url(merchant)
        if ipn is None or url is None:
            return None
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "PayPal IPN ( https://www.paypal.com/ipn )",
        }
        return CallbackRequest(url, headers, ipn.body.encode())
