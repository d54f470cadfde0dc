"""JSON Web Tokens: signed elsewhere, and believed only in the one algorithm that is configured."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from server.domain.access import DEFAULT_MERCHANT, Caller, Role
from server.domain.errors import Unauthenticated

_MIN_SECRET_BYTES = 32
_MIN_RSA_BITS = 2048
_MAX_NAME = 255

# A token that is typed for another use (an id token, a refresh token) is not for us, whoever signed it; see RFC 8725, 3.11.
_TYPES = ("", "jwt", "at+jwt")

Key = bytes | RSAPublicKey | EllipticCurvePublicKey


class TokenKeyError(Exception):
    """A secret or a public key that tokens cannot be checked with; says why."""


@dataclass(frozen=True, slots=True)
class Token:
    """A valid token. `expires_at` is in seconds since 1970."""

    caller: Caller
    expires_at: float


class Tokens:
    """Checks tokens with one algorithm: HS256 with a shared secret, RS256 or ES256 with a public key (PEM) or several (JWKS)."""

    def __init__(self, algorithm: str, key: bytes, *, issuer: str | None = None, audience: str | None = None) -> None:
        self._algorithm = algorithm
        self._keys = _keys(algorithm, key)
        self._issuer = issuer
        self._audience = audience

    def verify(self, text: str) -> Token:
        """Whose the token is. Raises Unauthenticated; its message says nothing that would help to forge one."""
        try:
            header = jwt.get_unverified_header(text)
            # `alg` is compared by PyJWT with the one that we name. The header's own keys (`jwk`, `jku`, `x5c`) are never looked at.
            claims = jwt.decode(
                text,
                key=self._key_for(header),
                algorithms=[self._algorithm],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "sub"], "verify_aud": self._audience is not None},
            )
            return _token(claims)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, KeyError):
            # Beside its own errors PyJWT lets through what odd claims raise, such as an infinite `exp`.
            raise Unauthenticated("the token is not valid") from None

    def _key_for(self, header: Mapping[str, Any]) -> Key:
        if str(header.get("typ", "")).lower() not in _TYPES or "crit" in header:
            raise ValueError("a token of another kind")
        return self._keys[None] if None in self._keys else self._keys[header.get("kid")]


def _token(claims: Mapping[str, Any]) -> Token:
    role = Role(claims["role"])
    user_id, merchant_id = claims["sub"], claims.get("merchant_id", DEFAULT_MERCHANT)
    for name in (user_id, merchant_id):
        # Names go into logs and databases, which take no half of a surrogate pair and no NUL.
        if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not name.isprintable():
            raise ValueError("a name that is none")
    caller = Caller(merchant_id=merchant_id, credential=f"{role.value}:{user_id}", role=role, user_id=user_id)
    return Token(caller, float(claims["exp"]))


def _keys(algorithm: str, key: bytes) -> Mapping[str | None, Key]:
    """The keys by their ids; a key without an id stands for all tokens. Raises TokenKeyError for what does not fit the algorithm, or is too weak for it."""
    if algorithm == "HS256":
        if len(key) < _MIN_SECRET_BYTES:
            raise TokenKeyError(f"the shared secret must have at least {_MIN_SECRET_BYTES} bytes")
        return {None: key}
    try:
        found = _from_jwks(key) if key.lstrip().startswith(b"{") else {None: load_pem_public_key(key)}
    except (ValueError, TypeError, KeyError, jwt.PyJWTError) as error:
        raise TokenKeyError("the public key is neither PEM nor a JWKS") from error
    fits = _FITTING.get(algorithm)
    if fits is None:
        raise TokenKeyError("the algorithm must be HS256, RS256 or ES256")
    fitting = {kid: public for kid, public in found.items() if fits(public)}
    if not fitting:
        raise TokenKeyError(f"there is no key for {algorithm}; RSA keys need {_MIN_RSA_BITS} bits, EC keys P-256")
    return fitting


def _from_jwks(text: bytes) -> dict[str | None, object]:
    keys = [jwk for jwk in jwt.PyJWKSet.from_dict(json.loads(text)).keys if jwk.public_key_use in {None, "sig"}]
    if len(keys) == 1 and keys[0].key_id is None:
        return {None: keys[0].key}
    return {jwk.key_id: jwk.key for jwk in keys if jwk.key_id is not None}


def _for_rs256(key: object) -> TypeGuard[Key]:
    return isinstance(key, RSAPublicKey) and key.key_size >= _MIN_RSA_BITS


def _for_es256(key: object) -> TypeGuard[Key]:
    return isinstance(key, EllipticCurvePublicKey) and key.curve.name == "secp256r1"


_FITTING = {"RS256": _for_rs256, "ES256": _for_es256}
