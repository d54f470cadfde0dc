"""What a Stripe call accepts is read from the SDK's typed parameters."""

import pytest
import stripe.params as accepted

from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.form import read_form
from sandbox.stripe.routes import ROUTES, Route
from sandbox.stripe.schema.check import check_group
from sandbox.stripe.schema.shape import Group

INTENT = Group(accepted.PaymentIntentCreateParams)
UPDATE = Group(accepted.PaymentIntentUpdateParams)


def checked(text: str, group: Group = INTENT) -> dict[str, object]:
    return dict(check_group(read_form(text), group))


def test_values_get_the_sdk_s_types() -> None:
    """Integers, booleans, words, lists, hashes and maps."""
    assert checked(
        "amount=100&currency=usd&confirm=true&capture_method=manual&expand[0]=customer&metadata[a]=1"
        "&automatic_payment_methods[enabled]=false&off_session=recurring"
    ) == {
        "amount": 100,
        "currency": "usd",
        "confirm": True,
        "capture_method": "manual",
        "expand": ["customer"],
        "metadata": {"a": "1"},
        "automatic_payment_methods": {"enabled": False},
        "off_session": "recurring",
    }


@pytest.mark.parametrize(
    ("more", "code", "param"),
    [
        ("zzz=1", "parameter_unknown", "zzz"),
        ("shipping[zzz]=1", "parameter_unknown", "shipping[zzz]"),
        ("payment_method_options[card][zzz]=1", "parameter_unknown", "payment_method_options[card][zzz]"),
        ("amount=1e3", "parameter_invalid_integer", "amount"),
        ("amount=１００", "parameter_invalid_integer", "amount"),
        ("amount=9223372036854775808", "parameter_invalid_integer", "amount"),
        ("amount[x]=1", "parameter_invalid_integer", "amount"),
        ("confirm=yes", "parameter_invalid_string_blank", "confirm"),
        ("capture_method=soon", None, "capture_method"),
        ("allowed_payment_method_types[0]=cash", None, "allowed_payment_method_types[0]"),
        ("expand=customer", None, "expand"),
        ("metadata=x", None, "metadata"),
        ("metadata[a][b]=1", None, "metadata[a]"),
        ("description=", "parameter_invalid_empty", "description"),
        ("shipping[name]=x", "parameter_missing", "shipping[address]"),
    ],
)
def test_what_the_types_do_not_allow_is_refused(more: str, code: str | None, param: str) -> None:
    """The error names the parameter with its whole path."""
    with pytest.raises(InvalidParameter) as caught:
        checked(f"amount=100&currency=usd&{more}" if not more.startswith("amount") else f"currency=usd&{more}")
    assert (caught.value.code, caught.value.param) == (code, param)


def test_an_empty_value_unsets_only_what_can_be_unset() -> None:
    """Updates may empty what the SDK types as emptyable, and single entries of a map."""
    assert checked("receipt_email=&metadata[a]=", UPDATE) == {"receipt_email": "", "metadata": {"a": ""}}
    assert checked("metadata=", UPDATE) == {"metadata": ""}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_call_s_parameters_can_be_read_from_the_sdk(route: Route) -> None:
    """A new version of the SDK whose types are written differently shows here first."""
    shapes = dict(route.params.fields)
    assert "expand" in shapes or route.method == "DELETE"
    assert not {"api_key", "idempotency_key", "stripe_version"} & set(shapes)
    assert not route.unsimulated or route.unsimulated & set(shapes)
    while shapes:
        name, shape = shapes.popitem()
        kinds = (shape.text, shape.integer, shape.number, shape.boolean, shape.choices, shape.emptyable)
        assert any((*kinds, shape.group, shape.values, shape.items)), f"{name} accepts nothing"
