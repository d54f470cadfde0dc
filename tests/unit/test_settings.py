"""The settings that gateways are configured by: what is wrong with one is said by its name and never with its value."""

import base64

import pytest

from gateways.registry import NAMES
from server.settings import GATEWAYS, SettingsError, read_settings

KEY, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
HASH_KEY = {"SYCEE_HASH_KEY": base64.b64encode(bytes(32)).decode()}


def keys_of(text: str | None) -> dict[str, bytes]:
    given = {} if text is None else {"SYCEE_ENCRYPTION_KEYS": text}
    return read_settings(HASH_KEY | given).operators_keys


def test_every_gateways_address_can_be_set() -> None:
    """As a test's or a proxy's; a gateway that joins the registry gets its setting."""
    assert set(GATEWAYS) == NAMES
    given = {f"SYCEE_{name.upper()}_BASE_URL": f"http://127.0.0.1:8090/{name}" for name in NAMES}
    assert read_settings(HASH_KEY | given).base_urls == {name: f"http://127.0.0.1:8090/{name}" for name in NAMES}


def test_without_keys_there_is_the_derived_one() -> None:
    """Another one for another hash key, and not the hash key itself."""
    keys = keys_of(None)
    assert list(keys) == ["0"]
    assert len(keys["0"]) == 32
    assert keys["0"] != bytes(32)
    other = {"SYCEE_HASH_KEY": base64.b64encode(bytes([1]) * 32).decode()}
    assert read_settings(other).operators_keys != keys


def test_the_first_key_is_the_primary_one_and_the_derived_one_stays_readable() -> None:
    """In the order in which they are given."""
    keys = keys_of(f"2027:{KEY}, 2026:{OTHER}")
    assert list(keys) == ["2027", "2026", "0"]
    assert (keys["2027"], keys["2026"]) == (b"\x01" * 32, b"\x02" * 32)
    assert keys["0"] == keys_of(None)["0"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            KEY,
            f":{KEY}",
            f"0:{KEY}",
            f"a b:{KEY}",
            f"a:{KEY},a:{OTHER}",
            "a:",
            "a:secret!",
            "a:sécret",
            f"a:{KEY},",
            f"a:{KEY}:b",
        ),
        f"a:{base64.b64encode(bytes(31)).decode()}",
        f"a:{base64.b64encode(bytes(64)).decode()}",
    ],
)
def test_keys_that_are_none_are_refused(text: str) -> None:
    """Nothing of them is repeated."""
    with pytest.raises(SettingsError) as refused:
        keys_of(text)
    (problem,) = refused.value.problems
    assert problem.startswith("SYCEE_ENCRYPTION_KEYS must ")
    assert not [part for part in text.replace(",", ":").split(":") if len(part) > 4 and part in problem]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALIPAY_BASE_URL", "openapi.alipay.com"),
        ("WECHAT_BASE_URL", "ftp://host/"),
        ("PAYPAL_BASE_URL", "https://user:hunter2@host/"),
        ("STRIPE_BASE_URL", "https://"),
        ("PAY_WITHIN_MINUTES", "4"),
        ("PAY_WITHIN_MINUTES", "1441"),
        ("PAY_WITHIN_MINUTES", "soon"),
        ("LOCAL_URLS", "maybe"),
        ("HASH_KEY", "hunter2!"),
        ("HASH_KEY", "hünter2"),
        ("GATEWAY_TIMEOUT_SECONDS", "hunter2"),
        ("RETURN_URL", "ftp://hunter2/"),
        ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/path"),
        ("LATE_PAYMENT", "flag"),
        ("LOGLEVEL", "DEBUG"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    """And its value is not repeated."""
    with pytest.raises(SettingsError) as refused:
        read_settings(HASH_KEY | {f"SYCEE_{name}": value})
    (problem,) = refused.value.problems
    assert problem.startswith((f"SYCEE_{name} must ", f"SYCEE_{name} is no setting"))
    assert "hunter2" not in problem


def test_hosts_that_webhooks_may_go_to_are_names_without_ports() -> None:
    """Or addresses, separated by commas or blanks; the case of a name does not matter."""
    allowed = read_settings(
        HASH_KEY | {"SYCEE_WEBHOOK_ALLOWED_HOSTS": "Receiver.lan, 127.0.0.1 ::1"}
    ).webhook_allowed_hosts
    assert allowed == ("receiver.lan", "127.0.0.1", "::1")
    assert read_settings(HASH_KEY).webhook_allowed_hosts == ()


@pytest.mark.parametrize("text", ["receiver.lan:80", "http://receiver.lan", "a/b", "user@host", "*", "10.0.0.0/8"])
def test_what_is_no_host_is_refused(text: str) -> None:
    """No pattern is understood: each host is named."""
    with pytest.raises(SettingsError, match="SYCEE_WEBHOOK_ALLOWED_HOSTS must be hosts"):
        read_settings(HASH_KEY | {"SYCEE_WEBHOOK_ALLOWED_HOSTS": text})


def test_a_misspelt_setting_is_told_how_it_is_spelt() -> None:
    """Passed over in silence it would leave the default in force, which somebody wanted to change."""
    with pytest.raises(SettingsError, match=r"^SYCEE_HTPP_PORT is no setting: SYCEE_HTTP_PORT is$"):
        read_settings(HASH_KEY | {"SYCEE_HTPP_PORT": "8081"})


def test_names_that_resemble_no_setting_are_somebody_elses() -> None:
    """Kubernetes gives these to whatever runs beside a service that is named sycee."""
    given = ("SYCEE_PORT", "SYCEE_SERVICE_HOST", "SYCEE_SERVICE_PORT", "SYCEE_SERVICE_PORT_HTTP", "SYCEE_PORT_8080_TCP")
    read_settings(HASH_KEY | dict.fromkeys(given, "tcp://10.0.0.1:8080"))


def test_origins_are_named_as_browsers_name_them() -> None:
    """Or all of them at once."""
    given = "https://shop.example, http://127.0.0.1:3000 *"
    read = read_settings(HASH_KEY | {"SYCEE_CORS_ORIGINS": given})
    assert read.cors_origins == ("https://shop.example", "http://127.0.0.1:3000", "*")
