"""What the issuer said no to."""

from server.domain.errors.refusal import DomainError


class Declined(DomainError):
    """The issuer said no: to a payment, or to keeping the card."""


class CardDeclined(Declined):
    """The issuer declined the card."""

    reason = "CARD_DECLINED"


class InsufficientFunds(Declined):
    """The card's funds do not suffice."""

    reason = "INSUFFICIENT_FUNDS"


class ExpiredCard(Declined):
    """The card has expired."""

    reason = "EXPIRED_CARD"


class IncorrectCvc(Declined):
    """The card's verification code is wrong."""

    reason = "INCORRECT_CVC"


class ProcessingError(Declined):
    """The gateway could not process the card."""

    reason = "PROCESSING_ERROR"
