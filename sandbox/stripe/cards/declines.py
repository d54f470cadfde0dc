"""Why a card is declined: Stripe's code, decline code and message."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """`decline_code` is absent where the code says it all; `param` names the parameter at fault, if one is."""

    code: str
    message: str
    decline_code: str | None = None
    param: str | None = None
    advice_code: str | None = None

    @property
    def reason(self) -> str:
        return self.decline_code or self.code


def _declined(decline_code: str, message: str = "Your card was declined.", advice: str | None = None) -> Decline:
    return Decline("card_declined", message, decline_code, None, advice)


DECLINES = {
    "generic_decline": _declined("generic_decline", advice="try_again_later"),
    "insufficient_funds": _declined(
        "insufficient_funds", "Your card has insufficient funds.", advice="try_again_later"
    ),
    "lost_card": _declined("lost_card", advice="do_not_try_again"),
    "stolen_card": _declined("stolen_card", advice="do_not_try_again"),
    "fraudulent": _declined("fraudulent", advice="do_not_try_again"),
    "card_velocity_exceeded": _declined(
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        advice="try_again_later",
    ),
    "test_mode_live_card": _declined(
        "test_mode_live_card",
        "Your card was declined. Your request was in test mode, but used a non test (live) card. For a list of valid"
        " test cards, visit: https://stripe.com/docs/testing.",
    ),
    "expired_card": Decline("expired_card", "Your card has expired.", None, "exp_month", "do_not_try_again"),
    "incorrect_cvc": Decline("incorrect_cvc", "Your card's security code is incorrect.", None, "cvc"),
    "processing_error": Decline(
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
        None,
        None,
        "try_again_later",
    ),
    "authentication_required": Decline(
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
        "authentication_required",
    ),
}
