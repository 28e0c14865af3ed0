"""Requests signed in every way: both algorithms, in headers and query strings, with keys and sessions."""

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import pytest

from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.session_tokens import seal_session
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID, ALICE, ALICE_KEY, ROOT_KEY, session
from unit.identity.door import SECRET, Door
from unit.wire.sigv4_client import ECDSA, HMAC, Key, sign

NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
PLAIN = HttpRequest(
    method="POST",
    path="/",
    query="x=1&y=2",
    headers=(("host", "localhost:4566"), ("content-type", "application/x-www-form-urlencoded")),
    body=b"Action=ListUsers&Version=2010-05-08",
)


class Way(NamedTuple):
    """A way to sign."""

    algorithm: str
    presigned: bool
    temporary: bool

    def __str__(self) -> str:
        return "-".join(
            (
                "sigv4a" if self.algorithm == ECDSA else "sigv4",
                "query" if self.presigned else "header",
                "session" if self.temporary else "key",
            )
        )


WAYS = [Way(a, p, t) for a in (HMAC, ECDSA) for p in (False, True) for t in (False, True)]


class SignersDoor(Door):
    """The door with a session of alice's beside her key, at NOW."""

    def __init__(self) -> None:
        super().__init__()
        # SigV4 in headers covers a key id only by its secret.
        self.key(ROOT_KEY, ACCOUNT_ID, "r" * 40)
        self.long_term = Key(ALICE_KEY, SECRET)
        self.temporary = self.another_session("ASIAALICEALICEALICEA", "s" * 40)
        self.other = self.another_session("ASIAOTHEROTHEROTHERO", "o" * 40)

    def another_session(self, key_id: str, secret: str) -> Key:
        """Temporary credentials of alice's."""
        made = session(
            CallerKind.USER,
            ALICE,
            access_key_id=key_id,
            secret=secret,
            issued=int(NOW.timestamp()) - 60,
            expires=int(NOW.timestamp()) + 30 * 86_400,
        )
        return Key(key_id, secret, seal_session(made, self.keeper))

    def sign(
        self,
        way: Way,
        request: HttpRequest = PLAIN,
        *,
        now: datetime = NOW,
        expires: int = 60,
        region: str = "eu-west-1",
        service: str = "iam",
        scope: str | None = None,
    ) -> HttpRequest:
        """The request signed in this way."""
        return sign(
            request,
            self.temporary if way.temporary else self.long_term,
            service=service,
            region=region,
            now=now,
            algorithm=way.algorithm,
            expires=expires if way.presigned else None,
            scope=scope,
        )

    def admit(self, request: HttpRequest, now: datetime = NOW) -> Caller:
        """The caller of this request at that time."""
        return self.authenticator.authenticate(request, "iam", self.world.records, now)[0]

    def refuse(self, request: HttpRequest, now: datetime = NOW) -> AwsError:
        """The error with which the request is refused at that time."""
        with pytest.raises(AwsError) as caught:
            self.admit(request, now)
        assert 400 <= caught.value.status < 500
        return caught.value


def with_header(request: HttpRequest, name: str, value: str | None) -> HttpRequest:
    """The request with this header in place of all of its name, or without any."""
    headers = tuple(header for header in request.headers if header[0] != name)
    return msgspec.structs.replace(request, headers=headers if value is None else (*headers, (name, value)))


def authorization(request: HttpRequest) -> str:
    """The text that holds the signature: the Authorization header or the query string."""
    return request.header("authorization") or request.query


def with_authorization(request: HttpRequest, before: str, after: str) -> HttpRequest:
    """The request with a piece of that text replaced; the piece is there once."""
    text = authorization(request)
    assert text.count(before) == 1, (before, text)
    changed = text.replace(before, after)
    if request.header("authorization") is None:
        return msgspec.structs.replace(request, query=changed)
    return with_header(request, "authorization", changed)
