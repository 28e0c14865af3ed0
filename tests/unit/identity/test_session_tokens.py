"""Session tokens open for whom they were made, unchanged, and for nobody else."""

import base64
import zlib

import msgspec
import pytest

from masugata.errors import AwsError
from masugata.identity.caller import CallerKind, Session
from masugata.identity.session_tokens import PURPOSE, open_session, seal_session
from masugata.keeper import open_keeper
from unit.authorization.world import ALICE, session

KEEPER = open_keeper("ephemeral:", create=True)
SESSION = session(
    CallerKind.ROLE_SESSION,
    ALICE,
    name="hanako",
    source_identity="hanako@example.com",
    tags={"Team": "red"},
    transitive_tag_keys=("Team",),
    policies=("{}",),
    policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    mfa=1,
)
KEY = SESSION.access_key_id


def sealed(content: bytes, purpose: str = PURPOSE, identity: str = KEY) -> str:
    """A token with any content, sealed as a token is."""
    return base64.b64encode(KEEPER.seal(purpose, content, identity.encode())).decode()


def packed(value: Session) -> bytes:
    """The content of a token."""
    return zlib.compress(msgspec.json.encode(value))


def refused(token: str, key: str = KEY) -> None:
    """The token must be invalid, with AWS's one answer for all that is."""
    with pytest.raises(AwsError) as caught:
        open_session(token, key, KEEPER)
    error = caught.value
    assert (error.code, error.status) == ("InvalidClientTokenId", 403)
    assert error.message == "The security token included in the request is invalid."


def test_session_comes_back_whole() -> None:
    """Everything that a session carries is in its token, and the secret is not readable in it."""
    token = seal_session(SESSION, KEEPER)
    assert open_session(token, KEY, KEEPER) == SESSION
    assert SESSION.secret.encode() not in base64.b64decode(token)


def test_tokens_of_one_session_differ() -> None:
    """Sealing is randomized: equal sessions cannot be told from their tokens."""
    assert seal_session(SESSION, KEEPER) != seal_session(SESSION, KEEPER)


def test_every_changed_byte_is_noticed() -> None:
    """No byte of the token is without the seal's protection, the version and algorithm included."""
    blob = base64.b64decode(seal_session(SESSION, KEEPER))
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        refused(base64.b64encode(changed).decode())


def test_truncated_tokens() -> None:
    """A token that lost its end, or all of it, is invalid."""
    blob = base64.b64decode(seal_session(SESSION, KEEPER))
    for length in (0, 1, 2, 25, 26, 41, 42, len(blob) - 1):
        refused(base64.b64encode(blob[:length]).decode())


@pytest.mark.parametrize("key", ["ASIAALICEALICEALICEB", "AKIAALICEALICEALICEA", ""])
def test_token_of_another_key(key: str) -> None:
    """A token is good for the key id that it was issued with, and for no other."""
    refused(seal_session(SESSION, KEEPER), key)


def test_key_id_inside_the_token_counts_too() -> None:
    """A token whose inside names another key than its seal is refused."""
    other = msgspec.structs.replace(SESSION, access_key_id="ASIAALICEALICEALICEB")
    refused(sealed(packed(other)))


def test_blob_sealed_for_another_purpose() -> None:
    """What the keeper sealed for something else is no token, whatever it holds."""
    refused(sealed(packed(SESSION), purpose="access-key"))
    refused(sealed(packed(SESSION), purpose="sts-authorization-message"))


def test_token_of_another_installation() -> None:
    """Another root key's tokens open nothing here."""
    refused(seal_session(SESSION, open_keeper("ephemeral:", create=True)))


def test_format_of_a_newer_program() -> None:
    """A version that this program does not know is refused, not half understood."""
    refused(sealed(packed(msgspec.structs.replace(SESSION, version=2))))


def test_content_that_unpacks_to_too_much() -> None:
    """A few bytes that unpack to many stop at the limit, and what came out before it does not count."""
    refused(sealed(zlib.compress(msgspec.json.encode(SESSION) + b" " * 10_000_000)))


@pytest.mark.parametrize("content", [b"", b"not deflated", zlib.compress(b"{"), zlib.compress(b"{}")])
def test_content_that_is_no_session(content: bytes) -> None:
    """A seal alone does not make a session."""
    refused(sealed(content))


def test_content_that_is_cut_off() -> None:
    """Deflated data without its end is refused even if what came out could be read."""
    refused(sealed(packed(SESSION)[:-4]))


@pytest.mark.parametrize("token", ["", "A", "AAAA", "!!!!", "é" * 8, "A" * 16_388, "A" * 10_000_000])
def test_text_that_is_no_token(token: str) -> None:
    """Neither malformed nor oversized text gets as far as the keeper's errors."""
    refused(token)
