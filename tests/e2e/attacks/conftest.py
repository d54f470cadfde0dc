"""Orders that wait for their payment; no attack may change them."""

from collections.abc import Mapping

import pytest

from tests.e2e.mall import Mall, Opened


@pytest.fixture(scope="module")
async def alipay(mall: Mall) -> Opened:
    """An order that waits for its payment through Alipay; nothing in here may change it."""
    return await mall.opened("alipay")


@pytest.fixture(scope="module")
async def wechat(mall: Mall) -> Opened:
    return await mall.opened("wechat")


@pytest.fixture(scope="module")
async def paypal(mall: Mall) -> Opened:
    return await mall.opened("paypal")


@pytest.fixture
def opened(alipay: Opened, wechat: Opened, paypal: Opened) -> Mapping[str, Opened]:
    return {"alipay": alipay, "wechat": wechat, "paypal": paypal}
