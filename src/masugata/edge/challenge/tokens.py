"""The token of a client that has solved something: signed, so that nothing of it has to be kept."""

import hmac
import struct
import time
from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec

from masugata.edge.challenge import _base64url
from masugata.edge.challenge.secret import TokenSecret
from masugata.engines.waf.environment import TokenState
from masugata.engines.waf.token_domains import accepts, host_domain

LONGEST_IMMUNITY: Final = 259_200
"""Seconds that a rule can have a token count, at most."""
_VERSION: Final = 1
_BODY: Final = struct.Struct("!B16sIII")
_SIGNATURE: Final = 32
_LONGEST: Final = 512
_SKEW: Final = 60
"""Seconds by which the clock of the edge that made a token may be ahead."""


class Token(msgspec.Struct, frozen=True):
    """Who solved what when, in seconds since 1970, and for which domain; 0: never."""

    client: bytes
    domain: str
    issued: int
    challenge_solved: int = 0
    captcha_solved: int = 0


def seal(token: Token, secret: TokenSecret) -> str:
    """A token as the cookie has it: version, fields, HMAC-SHA-256, in Base64url."""
    body = _BODY.pack(
        _VERSION, token.client, token.issued, token.challenge_solved, token.captcha_solved
    ) + token.domain.encode("ascii")
    return _base64url.encode(body + hmac.digest(secret.key("token", token.issued), body, "sha256"))


def unseal(text: bytes, secret: TokenSecret) -> Token | None:
    """The token, if it was sealed under this secret and nothing of it has changed."""
    if len(text) > _LONGEST or (data := _base64url.decode(text)) is None:
        return None
    body, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
    if len(body) <= _BODY.size or body[0] != _VERSION:
        return None
    _, client, issued, challenge, captcha = _BODY.unpack_from(body)
    if not hmac.compare_digest(hmac.digest(secret.key("token", issued), body, "sha256"), signature):
        return None
    return Token(client, body[_BODY.size :].decode("ascii"), issued, challenge, captcha)


class WafTokens:
    """Judges tokens for a web ACL with these token domains: `masugata.engines.waf.environment.Tokens`."""

    def __init__(
        self,
        secret: TokenSecret,
        token_domains: Iterable[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` tells seconds since 1970."""
        self._secret = secret
        self._domains = tuple(domain.lower() for domain in token_domains)
        self._clock = clock

    def state(
        self, token: bytes | None, purpose: Literal["CHALLENGE", "CAPTCHA"], immunity: int, host: bytes
    ) -> TokenState:
        """Whether its bearer solved one within `immunity` seconds, for this host's domain."""
        if not token:
            return "TOKEN_MISSING"
        found = unseal(token, self._secret)
        if found is None:
            return "TOKEN_INVALID"
        here = host_domain(host)
        if here is None or not accepts(found.domain, here, self._domains):
            return "TOKEN_DOMAIN_MISMATCH"
        solved = found.challenge_solved if purpose == "CHALLENGE" else found.captcha_solved
        if not solved:
            return "TOKEN_MISSING"
        age = self._clock() - solved
        if age < -_SKEW:
            return "TOKEN_INVALID"
        return "VALID" if age < immunity else "TOKEN_EXPIRED"

    def identity(self, token: bytes | None) -> str | None:
        """The bearer's identifier, if the token is genuine."""
        found = unseal(token, self._secret) if token else None
        return found.client.hex() if found is not None else None
