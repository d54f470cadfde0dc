"""The development mode's merchant in the service's own configuration, with the credentials that the sandbox's gateways know."""

from collections.abc import Mapping

from gateways.registry import FORMS
from server.commands.dev_credentials import DevCredentials
from server.commands.dev_keys import public_of
from server.commands.dev_sandbox import callback_url
from server.composition import config_operations, configuring_of
from server.domain.access import DEFAULT_MERCHANT, Call, Caller
from server.domain.masking import mask
from server.domain.ports import Store
from server.operations.configuring import SaveConfig
from server.settings import Settings
from server.system import SystemClock, Uuid7

_DEVELOPER = Caller(DEFAULT_MERCHANT, "development")
_NOTIFY_URL = "notify_url"


async def configure_gateways(store: Store, settings: Settings, made: DevCredentials) -> None:
    """Saves a configuration for each gateway that has none; one that is ours keeps up with the port that the service is on, and anybody else's is left alone."""
    operations = config_operations(store, SystemClock(), Uuid7(), configuring_of(settings))
    saved = {shown.config.gateway: shown.settings for shown in await operations.list(_DEVELOPER)}
    for gateway, wanted in _wanted(settings, made).items():
        if gateway not in saved or _differs_in_address_alone(saved[gateway], _masked(gateway, wanted)):
            call = Call(_DEVELOPER, Uuid7().new())
            await operations.save(call, SaveConfig(gateway, wanted))


def _wanted(settings: Settings, made: DevCredentials) -> Mapping[str, Mapping[str, str]]:
    """Every gateway's settings. A developer who gives Stripe's key in the environment pays through that."""
    stripe = {"secret_key": made.stripe_secret_key, "webhook_secret": made.stripe_webhook_secret}
    known: dict[str, dict[str, str]] = {
        "alipay": {
            "app_id": made.alipay_app_id,
            "private_key": made.alipay_private_key,
            "public_key": public_of(made.alipay_platform_private_key),
        },
        "wechat": {
            "app_id": made.wechat_app_id,
            "mch_id": made.wechat_mch_id,
            "api_key": made.wechat_api_key,
            "private_key": made.wechat_private_key,
            "cert_serial_no": made.wechat_serial_no,
            "apiv3_key": made.wechat_apiv3_key,
            "wechatpay_public_key": public_of(made.wechat_platform_private_key),
            "wechatpay_public_key_id": made.wechat_platform_public_key_id,
        },
        "paypal": {
            "client_id": made.paypal_client_id,
            "secret": made.paypal_secret,
            "webhook_id": made.paypal_webhook_id,
        },
        "stripe": stripe,
    }
    if settings.stripe is not None and settings.stripe.secret_key != made.stripe_secret_key:
        del known["stripe"]
    return {
        gateway: config | {_NOTIFY_URL: callback_url(settings, gateway)}
        for gateway, config in known.items()
        if gateway in FORMS
    }


def _masked(gateway: str, config: Mapping[str, str]) -> Mapping[str, str]:
    secret = FORMS[gateway].secret
    return {name: mask(value) if name in secret else value for name, value in config.items()}


def _differs_in_address_alone(saved: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return saved != wanted and {**saved, _NOTIFY_URL: ""} == {**wanted, _NOTIFY_URL: ""}
