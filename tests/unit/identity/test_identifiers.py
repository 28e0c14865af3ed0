"""Identifiers look like AWS's and carry what AWS's carry."""

import re

import pytest

from masugata.identity.identifiers import (
    UNIQUE_ID_PREFIXES,
    access_key_id,
    account_of_access_key,
    secret_access_key,
    unique_id,
)


def counting(count: int) -> bytes:
    """Predictable bytes in place of random ones."""
    return bytes(range(200, 200 + count))


@pytest.mark.parametrize("prefix", ["AKIA", "ASIA"])
@pytest.mark.parametrize("account", ["000000000000", "000000000001", "111122223333", "999999999999"])
@pytest.mark.parametrize("fill", [b"\x00", b"\xff", b"\x5a"])
def test_access_key_id_carries_its_account(prefix: str, account: str, fill: bytes) -> None:
    """20 characters, and the account is read back whatever the random part."""
    key_id = access_key_id(prefix, account, lambda count: fill * count)
    assert re.fullmatch(rf"{prefix}[Q-Z2-7][A-Z2-7]{{15}}", key_id)
    assert account_of_access_key(key_id) == account


def test_account_is_read_from_an_id_that_aws_made() -> None:
    """The published ASIAQNZGKIQY56JQ7WML belongs to 029608264753."""
    assert account_of_access_key("ASIAQNZGKIQY56JQ7WML") == "029608264753"


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        "AKIDEXAMPLE",
        "AKIAIOSFODNN7EXAMPLE",
        "AIDAQNZGKIQY56JQ7WML",
        "ASIAQNZGKIQY56JQ7WM",
        "ASIAQNZGKIQY56JQ7WML\n",
        "ASIAQNZGKIQY56JQ7WM1",
        "asiaqnzgkiqy56jq7wml",
        "AKIA7777777777777777",
        "minioadmin",
    ],
)
def test_id_without_an_account_gives_none(key_id: str) -> None:
    """Old, foreign and malformed ids, and numbers beyond 12 digits, name no account."""
    assert account_of_access_key(key_id) is None


def test_access_key_ids_use_all_their_randomness() -> None:
    """39 random bits: each of them changes the id."""
    ids = {
        access_key_id("AKIA", "111122223333", lambda count, bit=bit: (1 << bit).to_bytes(count, "big"))
        for bit in range(39)
    }
    assert len(ids) == 39


@pytest.mark.parametrize("prefix", sorted(UNIQUE_ID_PREFIXES))
def test_unique_id_has_21_characters(prefix: str) -> None:
    """Unique ids are the prefix and 17 base32 characters."""
    assert re.fullmatch(rf"{prefix}[A-Z2-7]{{17}}", unique_id(prefix, counting))
    assert unique_id(prefix, counting) != unique_id(prefix, lambda count: counting(count)[::-1])


def test_secret_access_key_is_40_characters_of_base64() -> None:
    """30 random bytes in Base64, all of them used."""
    secret = secret_access_key(counting)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", secret)
    assert secret != secret_access_key(lambda count: counting(count)[:-1] + b"\x00")


@pytest.mark.parametrize("account", ["", "11112222333", "1111222233334", "11112222333x", "\uff1111122223333"])
def test_account_that_is_none_is_refused(account: str) -> None:
    """An id for a malformed account is never made."""
    with pytest.raises(ValueError, match="12 digits"):
        access_key_id("AKIA", account, counting)


def test_unknown_prefixes_are_refused() -> None:
    """Each kind of id has its own prefixes."""
    with pytest.raises(ValueError, match="`AIDA` is not a prefix of access key ids"):
        access_key_id("AIDA", "111122223333", counting)
    with pytest.raises(ValueError, match="`AKIA` is not a prefix of unique ids"):
        unique_id("AKIA", counting)


@pytest.mark.parametrize("make", [secret_access_key, lambda random: unique_id("AIDA", random)])
def test_short_randomness_is_refused(make: object) -> None:
    """A source that gives less than asked must not give weak secrets."""
    assert callable(make)
    with pytest.raises(ValueError, match="random returned 3 bytes"):
        make(lambda _: b"abc")
