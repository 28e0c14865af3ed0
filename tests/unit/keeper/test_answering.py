"""What the keeper's process makes of a message, by whom it comes from."""

import pytest

from masugata.keeper import KeeperError
from masugata.keeper.answering import Holder, answer
from masugata.keeper.messages import (
    ADMINISTRATION,
    AddRootKey,
    ForgetRootKey,
    MakeRecovery,
    MigrateSeal,
    decode_answer,
    encode_message,
)

CHANGES = (
    AddRootKey(1),
    ForgetRootKey(1, b""),
    MigrateSeal("file:stolen.key", b"", b""),
    MakeRecovery(3, 2, b""),
)
PREFIX = 4  # bytes of a frame's length


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__)
def test_changes_are_for_the_owner(change, tmp_path):
    """Who is only allowed to ask changes nothing about the root keys, and does not carry them away."""
    holder = Holder("file:root.key", tmp_path)
    holder.keeper(create=True)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    refused = answer(holder, encode_message(change)[PREFIX:], owner=False)[PREFIX:]
    with pytest.raises(KeeperError, match="only the user whose keeper this is, and root"):
        decode_answer(change, refused)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_all_changes_are_tried():
    """The list above has every message of administration."""
    assert {type(change) for change in CHANGES} == ADMINISTRATION.keys()
