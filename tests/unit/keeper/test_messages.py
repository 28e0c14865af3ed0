"""What is said to the keeper: a message for each method; nothing secret shows, or crosses by mistake."""

import inspect
from typing import get_type_hints

import msgspec
import pytest

from masugata.engines.keys import InvalidCiphertextError, InvalidInputError, InvalidMessageError
from masugata.keeper import (
    Keeper,
    KeeperError,
    KeeperFailedError,
    Materials,
    SealableKeeper,
    SealBrokenError,
    SealedError,
    messages,
)
from masugata.keeper.client import RemoteKeeper, RemoteMaterials
from masugata.keeper.framing import LONGEST

OF_THE_KEEPER = messages.KEEPER | messages.SEALABLE | messages.ADMINISTRATION
SAME = [
    pytest.param(message, method, owner, id=method.name)
    for table, owner in ((OF_THE_KEEPER, SealableKeeper), (messages.MATERIALS, Materials))
    for message, method in table.items()
]


def methods(protocol):
    return {
        name
        for each in protocol.__mro__
        for name, value in vars(each).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


def test_every_method_has_a_message():
    """Whatever can be asked of a keeper in this process can be asked of one in another."""
    assert {method.name for method in OF_THE_KEEPER.values()} == methods(SealableKeeper)
    assert {method.name for method in messages.MATERIALS.values()} == methods(Materials)
    assert methods(Keeper) <= methods(RemoteKeeper)
    assert methods(Materials) == methods(RemoteMaterials)


@pytest.mark.parametrize(("message", "method", "owner"), SAME)
def test_message_and_method_agree(message, method, owner):
    """A message has the arguments of its method, in their order, and its answer has the method's type."""
    signature = inspect.signature(getattr(owner, method.name))
    assert list(message.__struct_fields__) == [name for name in signature.parameters if name != "self"]
    hints = get_type_hints(getattr(owner, method.name))
    assert method.answer == (None if hints["return"] is type(None) else hints["return"])


def test_messages_do_not_show_themselves():
    """A message in a log or a traceback is its name and nothing else."""
    assert repr(messages.Seal("access-key", b"secret", b"row")) == "<Seal>"
    assert "secret" not in f"{messages.UnsealRoot(b'secret')}"


def test_messages_survive_the_way():
    """A message comes out as it went in; its fields are in their places, not by name."""
    message = messages.GenerateDataKey(
        messages.Material(
            "111122223333", "key", "material", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", b"\0" * 60
        ),
        32,
        b"",
        with_plaintext=False,
    )
    framed = messages.encode_message(message)
    assert messages.decode_message(framed[4:]) == message
    assert b"with_plaintext" not in framed


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\xc0", id="nothing"),
        pytest.param(b"\x91\xa5Sleep", id="unknown"),
        pytest.param(b"\x91\xa4Seal", id="without-arguments"),
        pytest.param(b"\x94\xa4Seal\xa1p\xc4\x01s\xa1r", id="text-for-bytes"),
        pytest.param(b"\x95\xa4Seal\xa1p\xc4\x01s\xc4\x01r\xc0", id="too-many-arguments"),
        pytest.param(b"\x94\xa4S\xc4sp\xc4\x01s\xc4\x01s\xc4\x01r", id="not-utf-8"),
        pytest.param(b"\x91" * 10_000, id="nested"),
        pytest.param(b"\xdd\xff\xff\xff\xff", id="long-array"),
    ],
)
def test_what_is_no_message(content):
    """Other bytes are refused by the decoder."""
    with pytest.raises(msgspec.MsgspecError):
        messages.decode_message(content)


@pytest.mark.parametrize(
    "error",
    [
        SealBrokenError("changed"),
        SealedError("sealed"),
        InvalidInputError("no"),
        InvalidMessageError("long"),
        InvalidCiphertextError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_known_errors_cross_as_themselves(error):
    """What a keeper raises on purpose is raised on the other side, with its text."""
    with pytest.raises(type(error)) as raised:
        messages.decode_answer(messages.Fingerprint(), messages.encode_refusal(error)[4:])
    assert type(raised.value) is type(error)
    assert str(raised.value) == str(error)


@pytest.mark.parametrize("error", [ValueError("secret"), KeyError(b"secret"), MemoryError("secret")])
def test_other_errors_cross_bare(error):
    """Of an error that nobody expects, neither type nor text leaves the keeper."""
    crossed = messages.encode_refusal(error)
    assert b"secret" not in crossed
    assert type(error).__name__.encode() not in crossed
    with pytest.raises(KeeperFailedError, match="its log says where"):
        messages.decode_answer(messages.Fingerprint(), crossed[4:])


def test_too_long_a_message_is_not_sent():
    """What no keeper would take is refused where it was asked."""
    with pytest.raises(KeeperError, match="too long for the keeper"):
        messages.encode_message(messages.Seal("p", bytes(LONGEST), b""))
