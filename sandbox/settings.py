"""How a sandbox is set up: where it keeps its state, who its first merchant is, how fast its time goes."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.courier import CourierSettings


@dataclass(frozen=True)
class StripeMerchant:
    """The merchant that the sandbox's Stripe knows from the start; without a URL and a secret it gets no webhooks.

    `webhook_events` are the types of events that it asked for; `*` is all of them.
    """

    secret_key: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_url: str | None = None
    webhook_events: tuple[str, ...] = ("*",)


@dataclass(frozen=True)
class AlipayMerchant:
    """The merchant that the sandbox's Alipay knows from the start. Keys are PEM or bare base64; the sandbox signs with `alipay_private_key`.

    The three certificates (PEM) make it a merchant of certificate mode; its public key is then that of `app_certificate`.
    """

    app_id: str
    merchant_public_key: str | None
    alipay_private_key: str = field(repr=False)
    app_certificate: str | None = None
    alipay_certificate: str | None = None
    alipay_root_certificate: str | None = None


@dataclass(frozen=True)
class WechatMerchant:
    """The merchant that the sandbox's WeChat Pay knows from the start. `app_id`, `mch_id` and `api_key` are enough for API v2.

    For API v3: `apiv3_key`, the merchant's certificate number and public key (PEM), by which its requests are verified, and WeChat Pay's private key
    (PEM) with its public key's id, with which replies and notifications are signed.
    """

    app_id: str
    mch_id: str
    api_key: str = field(repr=False)
    apiv3_key: str | None = field(default=None, repr=False)
    merchant_serial_no: str | None = None
    merchant_public_key: str | None = None
    platform_private_key: str | None = field(default=None, repr=False)
    platform_public_key_id: str | None = None


@dataclass(frozen=True)
class PaypalMerchant:
    """The merchant that the sandbox's PayPal knows from the start; without addresses it is sent neither webhooks nor IPNs."""

    client_id: str
    secret: str = field(repr=False)
    webhook_id: str | None = None
    webhook_url: str | None = None
    ipn_url: str | None = None


@dataclass(frozen=True)
class SandboxSettings:
    """`later_seconds` is how long the gateways' "some time later" takes; `seed` makes faults by chance repeatable."""

    data_dir: Path
    stripe: StripeMerchant | None = None
    alipay: AlipayMerchant | None = None
    wechat: WechatMerchant | None = None
    paypal: PaypalMerchant | None = None
    public_url: str | None = None
    later_seconds: float = 0.5
    seed: int | None = None
    most_waiting_callbacks: int = 10_000
    courier: CourierSettings = field(default_factory=CourierSettings)
