"""The one buyer of the simulated PayPal: John Doe, who approves whatever the page or a test tells him to."""

from sandbox.json_types import Resource
from sandbox.paypal.ids import account_id

PAYER_ID = account_id("buyer")
EMAIL = "buyer@personal.example.com"
GIVEN_NAME = "John"
SURNAME = "Doe"
COUNTRY = "US"

PAYER: Resource = {
    "name": {"given_name": GIVEN_NAME, "surname": SURNAME},
    "email_address": EMAIL,
    "payer_id": PAYER_ID,
    "address": {"country_code": COUNTRY},
}
PAYMENT_SOURCE: Resource = {
    "paypal": {
        "email_address": EMAIL,
        "account_id": PAYER_ID,
        "account_status": "VERIFIED",
        "name": {"given_name": GIVEN_NAME, "surname": SURNAME},
        "address": {"country_code": COUNTRY},
    }
}
