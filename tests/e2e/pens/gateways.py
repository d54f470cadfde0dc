"""Every gateway's pen, with the keys of a development service."""

from dataclasses import dataclass
from pathlib import Path

from server.commands.dev_credentials import dev_credentials
from tests.e2e.pens import paypal
from tests.e2e.pens.alipay import AlipayPen
from tests.e2e.pens.paypal import PaypalPen, paypal_pen
from tests.e2e.pens.stripe import StripePen
from tests.e2e.pens.wechat import WechatPen


@dataclass(frozen=True, slots=True)
class Pens:
    """Every gateway's."""

    alipay: AlipayPen
    wechat: WechatPen
    paypal: PaypalPen
    stripe: StripePen

    def documented(self, gateway: str, order_no: str, **changes: str) -> dict[str, str]:
        """A gateway's callback in the form that the mall's document gives it."""
        match gateway:
            case "alipay":
                return self.alipay.documented(order_no, **changes)
            case "wechat":
                return self.wechat.documented(order_no, **changes)
            case "paypal":
                return paypal.documented(order_no, **changes)
            case _:
                raise ValueError(gateway)


def pens(data_dir: Path, sandbox: str) -> Pens:
    """Those of a development service's gateways."""
    made = dev_credentials(data_dir)
    return Pens(
        alipay=AlipayPen(made),
        wechat=WechatPen(made),
        paypal=paypal_pen(data_dir, sandbox, made.paypal_webhook_id),
        stripe=StripePen(made.stripe_webhook_secret),
    )
