"""A world with a door in front of it: an authenticator, access keys and sessions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from masugata.errors import AwsError
from masugata.identity.authenticate import Authenticator
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.session_tokens import seal_session
from masugata.keeper import ACCESS_KEY_PURPOSE, open_keeper
from masugata.records.iam import ACCESS_KEY, AccessKey
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID, ALICE, ALICE_KEY, MADE, ROOT_KEY, World, session

SECRET = "a" * 40


class CountingKeeper:
    """A keeper that counts derivations of signing keys."""

    def __init__(self) -> None:
        self.keeper = open_keeper("ephemeral:", create=True)
        self.derivations = 0

    def seal(self, purpose: str, plaintext: bytes, identity: bytes) -> bytes:
        return self.keeper.seal(purpose, plaintext, identity)

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        return self.keeper.unseal(purpose, blob, identity)

    def sigv4_key(self, *arguments: Any) -> bytes:
        self.derivations += 1
        return self.keeper.sigv4_key(*arguments)

    def sigv4a_public_key(self, *arguments: Any) -> bytes:
        self.derivations += 1
        return self.keeper.sigv4a_public_key(*arguments)

    @property
    def fingerprint(self) -> str:
        return self.keeper.fingerprint


class Door:
    """The world with an authenticator in front of it."""

    def __init__(self, **options: Any) -> None:
        self.world = World()
        self.keeper = CountingKeeper()
        self.authenticator = Authenticator(self.keeper, **options)
        self.key(ALICE_KEY, ALICE)
        self.key(ROOT_KEY, ACCOUNT_ID)

    def key(self, key_id: str, owner: str, secret: str = SECRET, *, active: bool = True) -> None:
        """Store an access key."""
        sealed = self.keeper.seal(ACCESS_KEY_PURPOSE, secret.encode(), key_id.encode())
        record = AccessKey(id=key_id, owner_id=owner, create_date=MADE, secret=sealed, active=active)
        self.world.put(ACCESS_KEY, record)

    def knock(self, key: str = ALICE_KEY, secret: str = SECRET, **options: Any) -> Caller:
        """The caller of a request signed with this key."""
        return self.present(signed(key, secret, **options))

    def present(self, request: HttpRequest, *, later: timedelta = timedelta(0)) -> Caller:
        """The caller of this request."""
        now = datetime.now(UTC) + later
        return self.authenticator.authenticate(request, "iam", self.world.records, now)[0]

    def refuses(self, code: str, key: str = ALICE_KEY, secret: str = SECRET, **options: Any) -> str:
        """The message with which a request is refused."""
        with pytest.raises(AwsError) as caught:
            self.knock(key, secret, **options)
        assert (caught.value.code, caught.value.status) == (code, 403)
        return caught.value.message

    def session(self, kind: CallerKind, issuer: str, **carried: Any) -> tuple[str, str, str]:
        """Key id, secret and token of a new session."""
        issued = int(datetime.now(UTC).timestamp())
        made = session(kind, issuer, **{"issued": issued, "expires": issued + 900, **carried})
        return made.access_key_id, made.secret, seal_session(made, self.keeper)


def signed(
    key: str, secret: str, *, token: str | None = None, service: str = "iam", region: str = "eu-west-1"
) -> HttpRequest:
    """A ListUsers call as botocore signs it."""
    body = b"Action=ListUsers&Version=2010-05-08"
    request = botocore.awsrequest.AWSRequest("POST", "http://localhost:4566/", data=body)
    credentials = botocore.credentials.Credentials(key, secret, token)
    botocore.auth.SigV4Auth(credentials, service, region).add_auth(request)
    headers = [("host", "localhost:4566"), *((n.lower(), v) for n, v in request.headers.items())]
    return HttpRequest(method="POST", path="/", headers=tuple(headers), body=body)
