"""`python -m sandbox`: the simulated gateways by themselves, for callers who test against them."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from sandbox.app import serve
from sandbox.settings import SandboxSettings, StripeMerchant

_OTHER_GATEWAYS = (
    "Merchants of Alipay, WeChat Pay and PayPal, whose keys are too long for a command line, are added once it runs:"
    ' POST /_control/merchants {"gateway": "alipay", "app_id": ..., "merchant_public_key": ..., "alipay_private_key": ...}'
)


def _announce(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox", description=__doc__, epilog=_OTHER_GATEWAYS)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--data-dir", type=Path, default=Path(".sycee"))
    parser.add_argument("--stripe-secret-key", default="sk_test_sandbox", help="the first merchant's key")
    parser.add_argument("--stripe-webhook-secret", help="what its webhooks are signed with")
    parser.add_argument("--stripe-webhook-url", help="where its webhooks go")
    parser.add_argument("--later-seconds", type=float, default=0.5, help='how long "some time later" takes')
    options = parser.parse_args()
    settings = SandboxSettings(
        data_dir=options.data_dir,
        stripe=StripeMerchant(options.stripe_secret_key, options.stripe_webhook_secret, options.stripe_webhook_url),
        later_seconds=options.later_seconds,
    )
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(options.host, options.port, settings))


async def _serve(host: str, port: int, settings: SandboxSettings) -> None:
    serving = asyncio.ensure_future(serve(host, port, settings, _announce))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
    await serving


if __name__ == "__main__":
    main()
