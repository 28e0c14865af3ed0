"""What callers are told while the keeper cannot serve them."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from masugata.keeper import (
    KeeperError,
    KeeperUnavailableError,
    RootKeyMissingError,
    SealedError,
    open_keeper,
)
from masugata.keeper.local_keeper import LocalKeeper
from support import House


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SealedError(), "run `masugata keys unseal`"),
        (KeeperUnavailableError("nobody at `/run/keeper.sock`"), "does not answer; try again"),
        (RootKeyMissingError("`/var/lib/root.key` is missing"), "`masugata doctor` says why"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_keeper_that_cannot_serve(tmp_path: Path, monkeypatch, error: KeeperError, told: str) -> None:
    """Reading and writing calls alike are refused with 503, in words of ours, and change nothing."""
    house = House(tmp_path)
    iam = house.client("iam")
    iam.create_user(UserName="hanako")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(house.keeper), "seal", fail)
    monkeypatch.setattr(type(house.keeper), "sigv4_key", fail)
    for call in (
        lambda: iam.create_access_key(UserName="hanako"),
        lambda: house.client("sts").get_session_token(),
        lambda: house.client("cloudtrail").lookup_events(),  # whose signing key has to be derived first
    ):
        with pytest.raises(ClientError) as raised:
            call()
        answer = raised.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert "ServiceUnavailable" in answer["Error"]["Code"]
        assert told in answer["Error"]["Message"]
        assert "/" not in answer["Error"]["Message"]
    monkeypatch.undo()
    assert iam.list_access_keys(UserName="hanako")["AccessKeyMetadata"] == []


@pytest.mark.parametrize(
    ("error", "told"),
    [(SealedError(), "masugata keys unseal"), (KeeperUnavailableError("/run/x"), "try again")],
    ids=lambda value: type(value).__name__,
)
def test_keys_while_the_keeper_cannot_serve(
    tmp_path: Path, monkeypatch, error: KeeperError, told: str
) -> None:
    """A use of a KMS key, found to be impossible only in the middle of it, is refused in the same words."""
    house = House(tmp_path)
    kms = house.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]

    def fail(*_: object) -> None:
        raise error

    for name in ("encrypt", "decrypt", "generate"):
        monkeypatch.setattr(type(house.keeper.materials), name, fail)
    for call in (
        lambda: kms.encrypt(KeyId=key, Plaintext=b"espresso"),
        lambda: kms.decrypt(CiphertextBlob=blob),
        kms.create_key,
    ):
        with pytest.raises(ClientError) as raised:
            call()
        answer = raised.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert answer["Error"]["Code"].startswith("ServiceUnavailable")
        assert told in answer["Error"]["Message"]
    monkeypatch.undo()
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"


def test_sealed_keeper_of_a_house(tmp_path: Path) -> None:
    """A keeper that has been sealed refuses by itself."""
    keeper = open_keeper(f"file:{tmp_path / 'root.key'}", create=True)
    assert isinstance(keeper, LocalKeeper)
    keeper.seal_root()
    with pytest.raises(SealedError):
        keeper.seal("p", b"s", b"r")
