"""The development mode's merchant at the sandbox's gateways. The sandbox's process imports this alone of ours: it needs no database, and starts the sooner."""

from sandbox.settings import AlipayMerchant, PaypalMerchant, SandboxSettings, StripeMerchant, WechatMerchant
from server.commands.dev_credentials import DevCredentials
from server.commands.dev_keys import public_of
from server.settings import Settings


def callback_url(settings: Settings, gateway: str) -> str:
    """Where a gateway's notifications are taken."""
    return f"http://{settings.host}:{settings.http_port}/api/payments/callback/{gateway}"


def sandbox_settings(settings: Settings, made: DevCredentials) -> SandboxSettings:
    """The sandbox whose merchant we are. It takes the Stripe key that the environment gives, ours unless a developer has set another."""
    return SandboxSettings(
        data_dir=settings.data_dir,
        stripe=StripeMerchant(
            secret_key=settings.stripe.secret_key if settings.stripe else made.stripe_secret_key,
            webhook_secret=made.stripe_webhook_secret,
            webhook_url=callback_url(settings, "stripe"),
        ),
        alipay=AlipayMerchant(
            app_id=made.alipay_app_id,
            merchant_public_key=public_of(made.alipay_private_key),
            alipay_private_key=made.alipay_platform_private_key,
        ),
        wechat=WechatMerchant(
            app_id=made.wechat_app_id,
            mch_id=made.wechat_mch_id,
            api_key=made.wechat_api_key,
            apiv3_key=made.wechat_apiv3_key,
            merchant_serial_no=made.wechat_serial_no,
            merchant_public_key=public_of(made.wechat_private_key),
            platform_private_key=made.wechat_platform_private_key,
            platform_public_key_id=made.wechat_platform_public_key_id,
        ),
        paypal=PaypalMerchant(
            client_id=made.paypal_client_id,
            secret=made.paypal_secret,
            webhook_id=made.paypal_webhook_id,
            webhook_url=callback_url(settings, "paypal"),
        ),
    )
