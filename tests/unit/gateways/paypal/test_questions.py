"""A flood of what nobody has signed is no flood of questions to PayPal."""

import json
from datetime import timedelta
from typing import cast
from urllib.parse import urlencode

import pytest

from gateways.paypal.addresses import Addresses
from gateways.paypal.certificates import Certificates
from gateways.paypal.disputes import PayPalDispute
from gateways.paypal.failures import Failure, Why
from gateways.paypal.ipn import Ipns
from gateways.paypal.questions import questions
from gateways.paypal.web import Web
from gateways.paypal.webhooks import Webhooks
from server.domain.callback import CallbackFormat, CallbackMessage, LookUp, Reading
from tests.clock_and_ids import StoppedClock

ADDRESSES = Addresses.of(None)
PATIENCE = 100


class PayPal:
    """Counts what it is asked; it has signed nothing, unless a test says otherwise."""

    def __init__(self) -> None:
        self.asked = 0
        self.genuine = False

    async def verify_webhook(self, _body: str) -> bool | Failure:
        self.asked += 1
        return self.genuine

    async def dispute(self, _dispute_id: str) -> PayPalDispute | Failure:
        self.asked += 1
        return Failure(Why.MISSING)

    async def post_form(self, _url: str, _body: bytes) -> bytes:
        self.asked += 1
        return b"VERIFIED" if self.genuine else b"INVALID"


class Callbacks:
    """In each form of which PayPal itself must be asked whether it is genuine."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.clock = StoppedClock()
        self.paypal = PayPal()
        proof = {} if form == "dispute" else {"webhook_id": "8PT597110X687430L", "webhook_verification": "call"}
        web, asking = cast(Web, self.paypal), questions(self.clock)
        certificates = Certificates(web, self.clock, None)
        self._webhooks = Webhooks(proof, ADDRESSES, certificates, self.paypal, asking)
        self._ipns = Ipns({"receiver_email": "shop@example.com"}, ADDRESSES, web, asking)

    async def read(self) -> Reading:
        """What is made of one more."""
        message = self._message()
        return await (self._ipns.read(message) if self.form == "ipn" else self._webhooks.read(message))

    async def flood(self, number: int) -> list[Reading]:
        return [await self.read() for _ in range(number)]

    def _message(self) -> CallbackMessage:
        now = self.clock.now()
        if self.form == "ipn":
            body = urlencode({"txn_id": "1", "payment_status": "Completed", "receiver_email": "shop@example.com"})
            return CallbackMessage(CallbackFormat.FORM, "application/x-www-form-urlencoded", {}, body.encode(), now)
        event = {"event_type": "CUSTOMER.DISPUTE.CREATED", "resource": {"dispute_id": "PP-D-1"}}
        if self.form == "call":
            event = {"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "5O190127TN364715T"}}
        headers = {
            "paypal-transmission-id": "made-up",
            "paypal-transmission-time": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "paypal-transmission-sig": "bWFkZSB1cA==",
            "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-1",
            "paypal-auth-algo": "SHA256withRSA",
        }
        return CallbackMessage(CallbackFormat.SIGNED_JSON, "application/json", headers, json.dumps(event).encode(), now)


@pytest.mark.parametrize("form", ["dispute", "call", "ipn"])
async def test_paypal_is_asked_about_a_flood_in_its_time(form: str) -> None:
    """Beyond what an honest mistake could cause, a callback is not refused: it is to be sent again, and asked about then."""
    callbacks = Callbacks(form)
    told = await callbacks.flood(PATIENCE + 400)
    assert callbacks.paypal.asked == PATIENCE
    assert {(reading.news, reading.later) for reading in told[:PATIENCE]} == {(None, False)}
    assert {(reading.news, reading.later) for reading in told[PATIENCE:]} == {(None, True)}
    callbacks.clock.move(timedelta(seconds=2))
    await callbacks.flood(100)
    assert callbacks.paypal.asked == PATIENCE + 10


@pytest.mark.parametrize("form", ["call", "ipn"])
async def test_what_paypal_confirms_is_no_flood(form: str) -> None:
    """However many a busy merchant gets at once."""
    callbacks = Callbacks(form)
    callbacks.paypal.genuine = True
    told = await callbacks.flood(PATIENCE + 400)
    assert {reading.news for reading in told} == {LookUp()}
