"""The merchants of the simulated WeChat Pay, found by the merchant number of a request."""

from dataclasses import asdict, dataclass
from typing import Self

import orjson

from sandbox.settings import WechatMerchant
from sandbox.state.documents import Documents, Query
from sandbox.wechat.platform import Platform, UnusableKey, new_certificate

GATEWAY = "wechat"
_KIND = "wechat.merchant"
_MOST = 10_000


@dataclass(frozen=True, repr=False)
class Merchant:
    """`platform` is there when the merchant has opened API v3."""

    app_id: str
    mch_id: str
    api_key: str
    platform: Platform | None = None

    @property
    def id(self) -> str:
        return f"{GATEWAY}_{self.mch_id}"

    def stored(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        platform = fields.pop("platform")
        return cls(**fields, platform=None if platform is None else Platform(**platform))


class Merchants:
    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        bodies, _ = documents.page(Query(GATEWAY, _KIND, _MOST))
        merchants = [Merchant.load(body) for body in reversed(bodies)]
        self._by_id = {merchant.id: merchant for merchant in merchants}

    def register(self, terms: WechatMerchant, now: float) -> Merchant:
        """The merchant of this number, with these keys from now on. Raises `UnusableKey`."""
        if not (terms.app_id and terms.mch_id and terms.api_key):
            raise UnusableKey("app_id, mch_id and api_key must not be empty")
        known = self._by_id.get(f"{GATEWAY}_{terms.mch_id}")
        platform = _platform(terms, known, now)
        merchant = Merchant(terms.app_id, terms.mch_id, terms.api_key, platform)
        self._documents.put(GATEWAY, _KIND, merchant.id, int(now), merchant.stored())
        self._by_id[merchant.id] = merchant
        return merchant

    def by_mch_id(self, mch_id: str) -> Merchant | None:
        return self._by_id.get(f"{GATEWAY}_{mch_id}")

    def by_id(self, id: str) -> Merchant | None:
        return self._by_id.get(id)

    def all(self) -> list[Merchant]:
        return list(self._by_id.values())


def _platform(terms: WechatMerchant, known: Merchant | None, now: float) -> Platform | None:
    keys = (terms.apiv3_key, terms.merchant_serial_no, terms.merchant_public_key, terms.platform_private_key)
    if not any(keys):
        return None
    apiv3_key, serial_no, public_key, private_key = keys
    if not (apiv3_key and serial_no and public_key and private_key):
        raise UnusableKey(
            "API v3 needs all of apiv3_key, merchant_serial_no, merchant_public_key and platform_private_key"
        )
    certificate = None
    if terms.platform_public_key_id is None:
        # The number of a certificate is what callers keep it by, so it stays the same while the key does.
        old = None if known is None else known.platform
        kept = old is not None and old.private_key == private_key
        certificate = old.certificate if old is not None and kept and old.certificate else None
        certificate = certificate or new_certificate(private_key, now)
    platform = Platform(
        apiv3_key, serial_no, public_key, private_key, terms.platform_public_key_id or None, certificate
    )
    platform.check()
    return platform
