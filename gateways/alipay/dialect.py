"""How Alipay's notifications look before anything about them is believed, and how they are answered."""

from gateways.alipay.notification import MESSAGE, SIGN, SIGN_TYPE, form_pairs, read_notification
from server.domain.callback import Acknowledgement, CallbackFormat, CallbackMessage, Reply, Unreadable

# PayPal's forms have none of these, and no documented JSON but Alipay's has all of those.
_MARKS = frozenset({SIGN.encode(), SIGN_TYPE.encode(), b"notify_type", b"trade_status", MESSAGE.encode()})
_DOCUMENTED = frozenset({"out_trade_no", "trade_no", "trade_status"})

_STATUSES = {Reply.ACCEPTED: 200, Reply.REFUSED: 400, Reply.LATER: 503}


class AlipayDialect:
    """Alipay repeats a notification, about eight times within 25 hours, until it reads `success` and nothing else."""

    secret_fields: frozenset[str] = frozenset()

    def recognises(self, message: CallbackMessage) -> bool:
        """A form that is signed in Alipay's way, or that claims to be Alipay's; and the documented JSON."""
        match message.format:
            case CallbackFormat.DOCUMENTED_JSON:
                return (message.documented or {}).keys() >= _DOCUMENTED
            case CallbackFormat.FORM:
                try:
                    return any(name in _MARKS for name, _ in form_pairs(message.body))
                except Unreadable:
                    return False
            case CallbackFormat.SIGNED_JSON | CallbackFormat.XML | CallbackFormat.UNKNOWN:
                return False

    def reference_in(self, message: CallbackMessage) -> str | None:
        """Of a trade or of a pre-authorisation; a message has neither. Raises Unreadable."""
        return read_notification(message).number()

    def acknowledgement(self, _message: CallbackMessage, reply: Reply) -> Acknowledgement:
        word = b"success" if reply is Reply.ACCEPTED else b"fail"
        return Acknowledgement(_STATUSES[reply], "text/plain", word)
