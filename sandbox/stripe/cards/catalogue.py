"""Stripe's published test cards, by the name that its test tokens give them. Source: docs.stripe.com/testing."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.stripe.cards.behaviour import Behaviour


@dataclass(frozen=True)
class TestCard:
    """A published card: the name is what follows `tok_` and `pm_card_`."""

    __test__ = False

    name: str
    number: str
    funding: str = "credit"
    country: str = "US"
    behaviour: Behaviour = Behaviour()


def _declined(name: str, number: str, decline: str, attaches: bool = False) -> TestCard:
    return TestCard(name, number, behaviour=Behaviour(decline=decline, attaches=attaches))


def _plain(name: str, number: str, country: str = "US", funding: str = "credit") -> TestCard:
    return TestCard(name, number, funding, country)


def _special(name: str, number: str, behaviour: Behaviour) -> TestCard:
    return TestCard(name, number, behaviour=behaviour)


_BY_BRAND = (
    _plain("visa", "4242424242424242"),
    _plain("visa_debit", "4000056655665556", funding="debit"),
    _plain("mastercard", "5555555555554444"),
    _plain("mastercard_2_series", "2223003122003222"),
    _plain("mastercard_debit", "5200828282828210", funding="debit"),
    _plain("mastercard_prepaid", "5105105105105100", funding="prepaid"),
    _plain("amex", "378282246310005"),
    _plain("amex_second", "371449635398431"),
    _plain("discover", "6011111111111117"),
    _plain("discover_second", "6011000990139424"),
    _plain("discover_debit", "6011981111111113", funding="debit"),
    _plain("diners", "3056930009020004"),
    _plain("diners_14_digits", "36227206271667"),
    _plain("bccard", "6555900000604105", "KR"),
    _plain("jcb", "3566002020360505", "JP"),
    _plain("unionpay", "6200000000000005", "CN"),
    _plain("unionpay_debit", "6200000000000047", "CN", "debit"),
    _plain("unionpay_19_digits", "6205500000000000004", "CN"),
)

_BY_COUNTRY = tuple(
    _plain(country.lower(), number, country)
    for country, number in {
        "AR": "4000000320000021", "BR": "4000000760000002", "CA": "4000001240000000", "CL": "4000001520000001",
        "CO": "4000001700000003", "CR": "4000001880000005", "EC": "4000002180000000", "MX": "4000004840008001",
        "PA": "4000005910000000", "PY": "4000006000000066", "PE": "4000006040000068", "UY": "4000008580000003",
        "AE": "4000007840000001", "AT": "4000000400000008", "BE": "4000000560000004", "BG": "4000001000000000",
        "BY": "4000001120000005", "HR": "4000001910000009", "CY": "4000001960000008", "CZ": "4000002030000002",
        "DK": "4000002080000001", "EE": "4000002330000009", "FI": "4000002460000001", "FR": "4000002500000003",
        "DE": "4000002760000016", "GI": "4000002920000005", "GR": "4000003000000030", "HU": "4000003480000005",
        "IE": "4000003720000005", "IT": "4000003800000008", "LV": "4000004280000005", "LI": "4000004380000004",
        "LT": "4000004400000000", "LU": "4000004420000006", "MT": "4000004700000007", "NL": "4000005280000002",
        "NO": "4000005780000007", "PL": "4000006160000005", "PT": "4000006200000007", "RO": "4000006420000001",
        "SA": "4000006820000007", "SI": "4000007050000006", "SK": "4000007030000001", "ES": "4000007240000007",
        "SE": "4000007520000008", "CH": "4000007560000009", "GB": "4000008260000000", "AU": "4000000360000006",
        "CN": "4000001560000002", "HK": "4000003440000004", "IN": "4000003560000008", "JP": "4000003920000003",
        "MY": "4000004580000002", "NZ": "4000005540000008", "SG": "4000007020000003", "TW": "4000001580000008",
        "TH": "4000007640000003",
    }.items()
)  # fmt: skip

_DECLINED = (
    _declined("visa_chargeDeclined", "4000000000000002", "generic_decline"),
    _declined("visa_chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"),
    _declined("visa_chargeDeclinedLostCard", "4000000000009987", "lost_card"),
    _declined("visa_chargeDeclinedStolenCard", "4000000000009979", "stolen_card"),
    _declined("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"),
    _declined("visa_chargeDeclinedExpiredCard", "4000000000000069", "expired_card"),
    _declined("visa_chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc"),
    _declined("visa_chargeDeclinedProcessingError", "4000000000000119", "processing_error"),
    _declined("visa_chargeCustomerFail", "4000000000000341", "generic_decline", attaches=True),
)

_RISKY = (
    _special("radarBlock", "4100000000000019", Behaviour(decline="fraudulent", blocked=True, risk_level="highest")),
    _special("riskLevelHighest", "4000000000004954", Behaviour(risk_level="highest")),
    _special("riskLevelElevated", "4000000000009235", Behaviour(risk_level="elevated")),
    _special("cvcCheckFail", "4000000000000101", Behaviour(checks={"cvc_check": "fail"})),
    _special("avsZipFail", "4000000000000036", Behaviour(checks={"address_postal_code_check": "fail"})),
    _special("avsLine1Fail", "4000000000000028", Behaviour(checks={"address_line1_check": "fail"})),
    _special(
        "avsFail",
        "4000000000000010",
        Behaviour(checks={"address_line1_check": "fail", "address_postal_code_check": "fail"}),
    ),
    _special(
        "avsUnchecked",
        "4000000000000044",
        Behaviour(checks={"address_line1_check": "unavailable", "address_postal_code_check": "unavailable"}),
    ),
)

_AUTHENTICATED = (
    _special("authenticationRequiredOnSetup", "4000002500003155", Behaviour(challenge="unless_set_up")),
    _special("authenticationRequired", "4000002760003184", Behaviour(challenge="always")),
    _special("authenticationRequiredSetupForOffSession", "4000003800000446", Behaviour(challenge="only_on_session")),
    _special(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        Behaviour(challenge="always", decline_after_challenge="insufficient_funds"),
    ),
    _special("threeDSecure2Required", "4000000000003220", Behaviour(challenge="always")),
    _special(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        Behaviour(challenge="always", decline_after_challenge="generic_decline"),
    ),
    _special("threeDSecureOptional", "4000000000003055", Behaviour(challenge="when_requested")),
)

_AFTERWARDS = (
    _special("createDispute", "4000000000000259", Behaviour(dispute_reason="fraudulent")),
    _special("createDisputeProductNotReceived", "4000000000002685", Behaviour(dispute_reason="product_not_received")),
    _special(
        "createDisputeInquiry", "4000000000001976", Behaviour(dispute_reason="fraudulent", dispute_is_inquiry=True)
    ),
    _special("pendingRefund", "4000000000007726", Behaviour(refund="pending_then_succeeds")),
    _special("refundFail", "4000000000005126", Behaviour(refund="succeeds_then_fails")),
    _special("bypassPending", "4000000000000077", Behaviour(available_at_once=True)),
    TestCard(
        "bypassPendingInternational", "4000003720000278", country="IE", behaviour=Behaviour(available_at_once=True)
    ),
)

_CARDS = (*_BY_BRAND, *_BY_COUNTRY, *_DECLINED, *_RISKY, *_AUTHENTICATED, *_AFTERWARDS)

UNPUBLISHED = TestCard("unpublished", "", behaviour=Behaviour(decline="test_mode_live_card", attaches=False))
"""Stands for every number that is not on Stripe's list: test mode declines it as a live card."""

CARDS: Mapping[str, TestCard] = {card.name: card for card in (*_CARDS, UNPUBLISHED)}
BY_NUMBER: Mapping[str, TestCard] = {card.number: card for card in _CARDS}

_OTHER_NAMES: Mapping[str, str] = {
    "visa_chargeDeclinedFraudulent": "radarBlock",
    "visa_debit_chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "threeDSecureRequired": "threeDSecure2Required",
}


def card_named(name: str) -> TestCard | None:
    """The card behind `tok_<name>` or `pm_card_<name>`.

    The decline names exist with and without `visa_`: the published spelling has changed over the years.
    """
    name = _OTHER_NAMES.get(name, name)
    return CARDS.get(name) or CARDS.get(f"visa_{name}")
