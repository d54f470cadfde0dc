"""The form of a merchant's configuration of WeChat Pay."""

from collections.abc import Mapping

from gateways.setup import ConfigForm
from gateways.wechat.credentials import read_credentials


def _check(config: Mapping[str, str]) -> None:
    read_credentials(config)


FORM = ConfigForm(
    required=("app_id", "mch_id", "api_key", "notify_url"),
    optional=(
        "private_key",
        "cert_serial_no",
        "apiv3_key",
        "wechatpay_public_key",
        "wechatpay_public_key_id",
        "client_cert",
        "client_key",
        "sign_type",
    ),
    secret=frozenset({"api_key", "private_key", "apiv3_key", "client_key"}),
    check=_check,
)
