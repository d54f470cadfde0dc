"""The bodies of PayPal's calls. Source: PayPal's published descriptions of orders v2, payments v2 and webhooks v1."""

from sandbox.paypal.schema.shapes import MONEY, Anything, Fields, Flag, Items, Shape, Text, Url

_ANY_LINE = r".*"
_ITEM = Fields(
    {
        "name": Text(1, 127),
        "unit_amount": MONEY,
        "tax": MONEY,
        "quantity": Text(1, 10, "[1-9][0-9]{0,9}"),
        "description": Text(0, 2048),
        "sku": Text(0, 127),
        "url": Url(),
        "category": Text(1, 20, words=("DIGITAL_GOODS", "PHYSICAL_GOODS", "DONATION")),
    },
    frozenset({"name", "unit_amount", "quantity"}),
)
BREAKDOWN_PARTS = ("item_total", "shipping", "handling", "tax_total", "insurance", "shipping_discount", "discount")
AMOUNT = Fields(
    {**MONEY.known, "breakdown": Fields(dict.fromkeys(BREAKDOWN_PARTS, MONEY))},
    MONEY.required,
)
_PAYEE = Fields({"email_address": Text(3, 254), "merchant_id": Text(13, 13, "[2-9A-HJ-NP-Z]{13}")})
_SHIPPING = Fields({"name": Anything(), "type": Text(1, 255), "address": Anything(), "email_address": Text(3, 254)})
UNIT_TEXTS = {
    "description": Text(1, 127),
    "custom_id": Text(1, 127),
    "invoice_id": Text(1, 127),
    "soft_descriptor": Text(1, 22),
}
_PURCHASE_UNIT = Fields(
    {
        **UNIT_TEXTS,
        "reference_id": Text(1, 256),
        "amount": AMOUNT,
        "payee": _PAYEE,
        "items": Items(_ITEM),
        "shipping": _SHIPPING,
    },
    frozenset({"amount"}),
)
_USER_ACTION = Text(1, 8, words=("CONTINUE", "PAY_NOW"))
_SHIPPING_PREFERENCE = Text(1, 24, words=("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS"))
_LOCALE = Text(2, 10, "[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?")
_EXPERIENCE: dict[str, Shape] = {
    "brand_name": Text(1, 127, _ANY_LINE),
    "locale": _LOCALE,
    "shipping_preference": _SHIPPING_PREFERENCE,
    "user_action": _USER_ACTION,
    "return_url": Url(),
    "cancel_url": Url(),
}
_EXPERIENCE_CONTEXT = Fields(
    {
        **_EXPERIENCE,
        "landing_page": Text(1, 13, words=("LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE")),
        "payment_method_preference": Text(1, 255, words=("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED")),
    }
)
_APPLICATION_CONTEXT = Fields(
    {
        **_EXPERIENCE,
        "landing_page": Text(1, 13, words=("LOGIN", "BILLING", "NO_PREFERENCE")),
        "payment_method": Anything(),
    }
)
_PAYMENT_SOURCE = Fields(
    {
        "paypal": Fields(
            {
                "experience_context": _EXPERIENCE_CONTEXT,
                "email_address": Text(3, 254),
                "name": Anything(),
                "phone": Anything(),
                "birth_date": Text(10, 10),
                "address": Anything(),
            }
        )
    },
    frozenset({"paypal"}),
)
_INTENT = Text(1, 20, words=("CAPTURE", "AUTHORIZE"))

ORDER = Fields(
    {
        "intent": _INTENT,
        "purchase_units": Items(_PURCHASE_UNIT, 1, 10),
        "payer": Anything(),
        "payment_source": _PAYMENT_SOURCE,
        "application_context": _APPLICATION_CONTEXT,
    },
    frozenset({"intent", "purchase_units"}),
)
NOTHING = Fields({})
PATCH = Items(
    Fields(
        {
            "op": Text(words=("add", "remove", "replace", "move", "copy", "test")),
            "path": Text(),
            "value": Anything(),
            "from": Text(),
        },
        frozenset({"op"}),
    ),
    1,
)
CAPTURE = Fields(
    {
        "amount": MONEY,
        "invoice_id": Text(1, 127, _ANY_LINE),
        "note_to_payer": Text(1, 255, _ANY_LINE),
        "final_capture": Flag(),
        "soft_descriptor": Text(0, 22),
    }
)
REFUND = Fields(
    {
        "amount": MONEY,
        "custom_id": Text(1, 127, _ANY_LINE),
        "invoice_id": Text(1, 127, _ANY_LINE),
        "note_to_payer": Text(1, 255, _ANY_LINE),
    }
)
WEBHOOK = Fields(
    {"url": Url(), "event_types": Items(Fields({"name": Text(1, 50)}, frozenset({"name"})), 1)},
    frozenset({"url", "event_types"}),
)
SIGNED_WEBHOOK = Fields(
    {
        "auth_algo": Text(1, 100, "[a-zA-Z0-9]+"),
        "cert_url": Url(500),
        "transmission_id": Text(1, 50),
        "transmission_sig": Text(1, 500),
        "transmission_time": Text(1, 100),
        "webhook_id": Text(1, 50),
        "webhook_event": Anything(),
    },
    frozenset("auth_algo cert_url transmission_id transmission_sig transmission_time webhook_id webhook_event".split()),
)

_TRACKING = Fields(
    {
        "carrier_name": Text(1, 255, "[0-9A-Z_]+"),
        "carrier_name_other": Text(1, 2000),
        "tracking_url": Url(),
        "tracking_number": Text(1, 255),
    },
    frozenset({"carrier_name", "tracking_number"}),
)
_EVIDENCE = Fields(
    {
        "evidence_type": Text(1, 255, "[0-9A-Z_]+"),
        "evidence_info": Fields({"tracking_info": Items(_TRACKING, 1, 10), "refund_ids": Items(Text(1, 255), 1, 100)}),
        "documents": Items(Fields({"name": Text(1, 2000, r"[A-Za-z0-9-_,\s]+[.]{1}[A-Za-z]+")}), 1, 100),
        "notes": Text(1, 2000),
        "item_id": Text(1, 255, "[A-Za-z0-9]+"),
    },
    frozenset({"evidence_type"}),
)
EVIDENCES = Fields({"evidences": Items(_EVIDENCE, 1, 100)}, frozenset({"evidences"}))
ACCEPTED_CLAIM = Fields({"note": Text(1, 2000), "accept_claim_reason": Text(1, 255, "[0-9A-Z_]+")})
