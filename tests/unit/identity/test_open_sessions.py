"""Sessions that are believed for a moment without their tokens being opened again."""

from collections.abc import Iterator

import pytest

from masugata.errors import AwsError
from masugata.identity.caller import CallerKind, Session
from masugata.identity.open_sessions import SECONDS, OpenSessions
from masugata.identity.session_tokens import PURPOSE
from masugata.keeper import SealBrokenError
from masugata.wire.sigv4 import parse_signature
from unit.authorization.world import ALICE
from unit.identity.door import CountingKeeper, Door, signed

Credentials = tuple[str, str, str]


class WatchedKeeper(CountingKeeper):
    """A keeper that counts opened tokens, and may have forgotten the root key that they are under."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0
        self.forgotten = False

    def unseal(self, purpose: str, blob: bytes, identity: bytes) -> bytes:
        if purpose == PURPOSE:
            self.opened += 1
            if self.forgotten:
                raise SealBrokenError("of root key 1, which is not here")
        return super().unseal(purpose, blob, identity)


class Sessions:
    """Sessions of Alice's, and what becomes of requests that they sign."""

    def __init__(self, size: int = 8) -> None:
        self.now = 0.0
        self.keeper = WatchedKeeper()
        self._door = Door()
        self._door.keeper = self.keeper
        self._open = OpenSessions(self.keeper, size, lambda: self.now)

    def new(self, **carried: str) -> Credentials:
        return self._door.session(CallerKind.USER, ALICE, **carried)

    def knock(self, given: Credentials, region: str = "eu-west-1") -> Session:
        key, secret, token = given
        request = signed(key, secret, token=token, region=region)
        signature = parse_signature(request, "eu-west-1")
        assert signature is not None
        return self._open.verify(request, signature)

    def refuses(self, given: Credentials) -> str:
        with pytest.raises(AwsError) as caught:
            self.knock(given)
        return caught.value.code


@pytest.fixture
def sessions() -> Iterator[Sessions]:
    return Sessions()


def test_a_token_is_opened_once_in_a_moment(sessions: Sessions) -> None:
    """Within it the keeper is not asked again, after it is; the session is the same."""
    given = sessions.new()
    found = [sessions.knock(given) for _ in range(5)]
    assert sessions.keeper.opened == 1
    sessions.now += SECONDS
    found.append(sessions.knock(given))
    assert sessions.keeper.opened == 2
    assert all(each == found[0] for each in found)
    assert found[0].access_key_id == given[0]


def test_each_scope_has_its_own_key(sessions: Sessions) -> None:
    """A signature for another Region is verified with the key of that one."""
    given = sessions.new()
    for region in ("eu-west-1", "us-east-1", "eu-west-1", "us-east-1"):
        sessions.knock(given, region)
    assert sessions.keeper.opened == 2


def test_whoever_has_only_the_token(sessions: Sessions) -> None:
    """Without the secret, or under another key id, a token that is open opens nothing."""
    key, secret, token = given = sessions.new()
    other = sessions.new(access_key_id="ASIAOTHEROTHEROTHER1")
    sessions.knock(given)
    assert sessions.refuses((key, "b" * 40, token)) == "SignatureDoesNotMatch"
    assert sessions.refuses((other[0], secret, token)) == "InvalidClientTokenId"
    assert sessions.refuses((key, secret, other[2])) == "InvalidClientTokenId"
    sessions.knock(given)
    assert sessions.keeper.opened == 3


def test_a_forgotten_root_key_ends_its_tokens(sessions: Sessions) -> None:
    """A moment later, however often they were used meanwhile."""
    given = sessions.new()
    sessions.knock(given)
    sessions.keeper.forgotten = True
    for _ in range(3):
        sessions.now += SECONDS / 4
        sessions.knock(given)
    sessions.now += SECONDS / 4
    assert sessions.refuses(given) == "InvalidClientTokenId"


def test_sessions_are_bounded() -> None:
    """The oldest go; whoever has no secret pushes none out."""
    sessions = Sessions(size=2)
    first = sessions.new()
    second = sessions.new(access_key_id="ASIASECONDSECONDSEC2")
    sessions.knock(first)
    sessions.knock(second)
    for number in range(4):
        key, _, token = sessions.new(access_key_id=f"ASIATHIRDTHIRDTHIRD{number}")
        assert sessions.refuses((key, "b" * 40, token)) == "SignatureDoesNotMatch"
    opened = sessions.keeper.opened
    sessions.knock(first)
    sessions.knock(second)
    assert sessions.keeper.opened == opened
    sessions.knock(sessions.new(access_key_id="ASIATHIRDTHIRDTHIRD9"))
    sessions.knock(first)
    assert sessions.keeper.opened == opened + 2
