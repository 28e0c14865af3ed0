"""SigV4a's key pairs: derived as published, and only the public half leaves the keeper."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from masugata.keeper import ACCESS_KEY_PURPOSE, KeeperError, SealBrokenError, sigv4a
from masugata.keeper.ring import RootKeyRing
from masugata.keeper.sealing import RootKeeper
from unit.wire.sigv4_client import ORDER, Key, private_key

SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PUBLISHED = (
    "04b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1"
    "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518"
)


def keeper_of(secret: bytes, identity: bytes) -> tuple[RootKeeper, bytes]:
    """A keeper and the secret that it sealed."""
    keeper = RootKeeper(RootKeyRing({1: bytes(range(32))}), "test")
    return keeper, keeper.seal(ACCESS_KEY_PURPOSE, secret, identity)


def test_published_key() -> None:
    """The public key of AWS's example credentials is the published one."""
    keeper, sealed = keeper_of(SECRET, b"AKIDEXAMPLE")
    assert keeper.sigv4a_public_key(sealed, b"AKIDEXAMPLE").hex() == PUBLISHED


@given(st.text("abc/+9", min_size=1, max_size=60), st.text("AKIZ27", min_size=1, max_size=128))
def test_derivation_is_the_standards(secret: str, key_id: str) -> None:
    """Every key is that of `cryptography`'s own KDF of SP 800-108."""
    reference = private_key(Key(key_id, secret)).public_key()
    assert sigv4a.public_key(secret.encode(), key_id.encode()) == (
        reference.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )


def test_another_row_has_no_key() -> None:
    """A sealed secret opens for its own access key id only."""
    keeper, sealed = keeper_of(SECRET, b"AKIDEXAMPLE")
    with pytest.raises(SealBrokenError):
        keeper.sigv4a_public_key(sealed, b"AKIDOTHER")
    other_purpose = keeper.seal("sts-session-token", SECRET, b"AKIDEXAMPLE")
    with pytest.raises(SealBrokenError):
        keeper.sigv4a_public_key(other_purpose, b"AKIDEXAMPLE")


def answers(monkeypatch: pytest.MonkeyPatch, outputs: list[int]) -> list[bytes]:
    """Let the KDF give these numbers, the last for ever; collects what it was asked."""
    asked: list[bytes] = []

    def digest(_key: bytes, message: bytes, _name: str) -> bytes:
        asked.append(message)
        return outputs[min(len(asked), len(outputs)) - 1].to_bytes(32, "big")

    monkeypatch.setattr(sigv4a.hmac, "digest", digest)
    return asked


@pytest.mark.parametrize(
    ("outputs", "value"),
    [([0], 1), ([ORDER - 2], ORDER - 1), ([ORDER - 1, 5], 6), ([2**256 - 1, ORDER, 7], 8)],
)
def test_number_out_of_range_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch, outputs: list[int], value: int
) -> None:
    """The private value is in 1…n-1; a number beyond is replaced under the next counter."""
    asked = answers(monkeypatch, outputs)
    assert sigv4a._private_value(b"s", b"AK") == value
    assert [message[-5] for message in asked] == list(range(1, len(outputs) + 1))


def test_secret_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search ends after the last counter."""
    asked = answers(monkeypatch, [ORDER])
    with pytest.raises(KeeperError):
        sigv4a._private_value(b"s", b"AK")
    assert len(asked) == 254
