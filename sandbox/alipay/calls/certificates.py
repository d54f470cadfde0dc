"""alipay.open.app.alipaycert.download."""

from base64 import b64encode

from sandbox.alipay.books import Books
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.request import Call
from sandbox.json_types import Resource


def download(books: Books, call: Call) -> Resource:
    certificates = books.merchant.certificates
    if certificates is None or call.biz.need("alipay_cert_sn") != certificates.alipay_serial:
        raise BusinessFailed("ALIPAY_CERT_NOT_EXIST", "支付宝公钥证书不存在")
    return {"alipay_cert_content": b64encode(certificates.alipay_pem.encode()).decode()}
