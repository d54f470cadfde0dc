"""JSON Web Tokens are believed in one algorithm, and every forgery that is known of is refused."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.domain.access import Role
from server.domain.errors import Unauthenticated
from server.rpc.tokens import TokenKeyError, Tokens

SECRET = b"a shared secret of enough bytes.."
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())

SHARED = Tokens("HS256", SECRET)


def claims(**changes: Any) -> dict[str, Any]:
    """A customer's claims; a change to None takes a claim out."""
    made = {"sub": "1001", "role": "user", "exp": int(time.time()) + 600} | changes
    return {name: value for name, value in made.items() if value is not None}


def signed(payload: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """A token with our secret's signature, and any header and claims whatever: libraries refuse to write some of them."""
    head = {"alg": "HS256", "typ": "JWT"} | dict(header or {})
    body = f"{encoded(json.dumps(head))}.{encoded(json.dumps(payload))}"
    return f"{body}.{encoded(hmac.digest(SECRET, body.encode(), hashlib.sha256))}"


def encoded(part: str | bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(part.encode() if isinstance(part, str) else part).decode().rstrip("=")


def pem(key: PublicKeyTypes) -> bytes:
    """A public key as its file."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(algorithm: str) -> str:
    """A token that says that it needs no signature."""
    return f"{encoded(json.dumps({'alg': algorithm, 'typ': 'JWT'}))}.{encoded(json.dumps(claims(role='admin')))}."


def tampered() -> str:
    """A customer's token whose role was changed afterwards."""
    head, _, signature = signed(claims()).split(".")
    return f"{head}.{encoded(json.dumps(claims(role='admin')))}.{signature}"


FORGERIES = {
    "alg none": unsigned("none"),
    "alg None in another case": unsigned("nOnE"),
    "the signature cut off": signed(claims()).rpartition(".")[0] + ".",
    "the role changed after signing": tampered(),
    "another secret": jwt.encode(claims(), b"another secret of enough bytes...", algorithm="HS256"),
    "a stronger algorithm than the configured one": jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    "an RSA signature where a secret is configured": jwt.encode(claims(), RSA_KEY, algorithm="RS256"),
    "expired": signed(claims(exp=int(time.time()) - 1)),
    "never expiring": signed(claims(exp=None)),
    "expiring at infinity": signed(claims(exp=float("inf"))),
    "expiring at a word": signed(claims(exp="tomorrow")),
    "not valid yet": signed(claims(nbf=int(time.time()) + 600)),
    "of nobody": signed(claims(sub=None)),
    "of an empty name": signed(claims(sub="")),
    "of a number": signed(claims(sub=1001)),
    "of an endless name": signed(claims(sub="1" * 256)),
    "of a name that is no text": signed(claims(sub="\ud800")),
    "of a name that no database stores": signed(claims(sub="1001\0")),
    "of a merchant whose name is no text": signed(claims(merchant_id="\ud800")),
    "without a role": signed(claims(role=None)),
    "of an unknown role": signed(claims(role="root")),
    "of a list of roles": signed(claims(role=["admin"])),
    "of a merchant that is no name": signed(claims(merchant_id={"$ne": ""})),
    "an id token": signed(claims(), {"typ": "id+jwt"}),
    "a refresh token": signed(claims(), {"typ": "refresh"}),
    "a critical header that we do not know": signed(claims(), {"crit": ["b64"], "b64": False}),
    "two dots and nothing": "..",
    "no token": "hello",
    "claims that are a list": signed([claims()]),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_is_refused(token: str) -> None:
    """Refused, and with words that help nobody to forge a better one."""
    with pytest.raises(Unauthenticated, match=r"^the token is not valid$"):
        SHARED.verify(token)


def test_a_public_key_is_no_shared_secret() -> None:
    """A token signed by HMAC with our public key's file as its secret is refused: the public key is public."""
    public = pem(RSA_KEY.public_key())
    body = f"{encoded(json.dumps({'alg': 'HS256', 'typ': 'JWT'}))}.{encoded(json.dumps(claims(role='admin')))}"
    forged = f"{body}.{encoded(hmac.digest(public, body.encode(), hashlib.sha256))}"
    with pytest.raises(Unauthenticated):
        Tokens("RS256", public).verify(forged)


def test_a_key_in_the_header_is_not_believed() -> None:
    """A token that brings the key it was signed with, or says where to fetch one, is checked with ours."""
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_RSA_KEY.public_key()))
    header = {"jwk": own, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert"}
    forged = jwt.encode(claims(role="admin"), OTHER_RSA_KEY, algorithm="RS256", headers=header)
    with pytest.raises(Unauthenticated):
        Tokens("RS256", pem(RSA_KEY.public_key())).verify(forged)


def test_a_key_id_is_a_name_and_no_path() -> None:
    """A `kid` that nobody gave is refused, whatever file it may point to."""
    tokens = Tokens("RS256", jwks(RSA_KEY, "a", OTHER_RSA_KEY, "b"))
    for kid in ("../../dev/null", "c", None):
        headers = {"kid": kid} if kid else None
        with pytest.raises(Unauthenticated):
            tokens.verify(jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers=headers))


@pytest.mark.parametrize("change", [{"iss": "https://other.example"}, {"iss": None}, {"aud": "other"}, {"aud": None}])
def test_issuer_and_audience_must_be_the_configured_ones(change: dict[str, Any]) -> None:
    """Where they are set, a token of another issuer or for another service is refused, and so is one that does not say."""
    tokens = Tokens("HS256", SECRET, issuer="https://shop.example", audience="payments")
    ours = {"iss": "https://shop.example", "aud": "payments"}
    assert tokens.verify(signed(claims(**ours))).caller.user_id == "1001"
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(**(ours | change))))


def test_issuer_and_audience_do_not_matter_where_they_are_not_set() -> None:
    """A token may carry them for others."""
    assert SHARED.verify(signed(claims(iss="https://shop.example", aud="mall"))).caller.user_id == "1001"


def test_a_token_says_whose_it_is() -> None:
    """Its subject, role and merchant are the caller's; idempotency keys belong to subject and role."""
    token = SHARED.verify(signed(claims(sub="7", role="admin", merchant_id="m2", exp=4_000_000_000)))
    caller = token.caller
    assert (caller.user_id, caller.role, caller.merchant_id, caller.credential) == ("7", Role.ADMIN, "m2", "admin:7")
    assert token.expires_at == 4_000_000_000
    assert SHARED.verify(signed(claims())).caller.merchant_id == "default"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt"])
def test_a_token_may_say_that_it_is_an_access_token(typ: str) -> None:
    """The usual types are taken."""
    assert SHARED.verify(signed(claims(), {"typ": typ})).caller.user_id == "1001"


def test_es256_and_rs256_take_their_keys() -> None:
    """A token signed with the private key of the configured public one is valid."""
    for algorithm, key in (("RS256", RSA_KEY), ("ES256", EC_KEY)):
        token = jwt.encode(claims(), key, algorithm=algorithm)
        assert Tokens(algorithm, pem(key.public_key())).verify(token).caller.user_id == "1001"


def test_a_jwks_serves_each_key_by_its_id() -> None:
    """During a rotation both keys work, each under its own name only."""
    tokens = Tokens("RS256", jwks(RSA_KEY, "a", OTHER_RSA_KEY, "b"))
    for key, kid in ((RSA_KEY, "a"), (OTHER_RSA_KEY, "b")):
        token = jwt.encode(claims(), key, algorithm="RS256", headers={"kid": kid})
        assert tokens.verify(token).caller.user_id == "1001"
    with pytest.raises(Unauthenticated):
        tokens.verify(jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "b"}))


UNFIT = {
    "a short secret": ("HS256", b"short"),
    "an EC key for RS256": ("RS256", pem(EC_KEY.public_key())),
    "an RSA key for ES256": ("ES256", pem(RSA_KEY.public_key())),
    "a short RSA key": ("RS256", pem(rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key())),
    "another curve": ("ES256", pem(ec.generate_private_key(ec.SECP384R1()).public_key())),
    "no key": ("RS256", b"hello"),
    "a JWKS without keys": ("RS256", b'{"keys": []}'),
    "a secret in a JWKS": ("RS256", b'{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}'),
    "no algorithm": ("none", SECRET),
    "an algorithm of another kind": ("PS256", pem(RSA_KEY.public_key())),
}


@pytest.mark.parametrize(("algorithm", "key"), UNFIT.values(), ids=UNFIT.keys())
def test_a_key_that_does_not_fit_its_algorithm_is_refused_at_the_start(algorithm: str, key: bytes) -> None:
    """The service does not start with a key that it could not check tokens with, or that could be guessed."""
    with pytest.raises(TokenKeyError):
        Tokens(algorithm, key)


def jwks(*keys_and_ids: Any) -> bytes:
    """A JWKS file of RSA keys, each followed by its id."""
    keys = [
        json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}
        for key, kid in zip(keys_and_ids[::2], keys_and_ids[1::2], strict=True)
    ]
    return json.dumps({"keys": keys}).encode()
