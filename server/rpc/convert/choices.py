"""How a payment is captured and confirmed, between the contract and the domain: payments and intents say it in the same words."""

from server.domain.payment import CaptureMethod, ConfirmationMethod
from server.rpc.convert.fields import numbers_of, words_of
from sycee.v1 import common_pb2 as common

CAPTURE_NUMBERS = numbers_of(CaptureMethod, common.CaptureMethod, "CAPTURE_METHOD")
CAPTURES = words_of(CaptureMethod, common.CaptureMethod, "CAPTURE_METHOD")
CONFIRMATION_NUMBERS = numbers_of(ConfirmationMethod, common.ConfirmationMethod, "CONFIRMATION_METHOD")
CONFIRMATIONS = words_of(ConfirmationMethod, common.ConfirmationMethod, "CONFIRMATION_METHOD")
