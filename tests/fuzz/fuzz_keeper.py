"""Fuzz target: whatever comes over the keeper's socket is answered, in bounds, and ends nothing."""

import contextlib
from pathlib import Path

import msgspec

from masugata.engines.keys import InvalidCiphertextError, InvalidInputError
from masugata.errors import MasugataError
from masugata.keeper import messages
from masugata.keeper.answering import Holder, answer
from masugata.keeper.framing import LONGEST, Unframed
from masugata.keeper.materials import Material

HOLDER = Holder("ephemeral:", Path())
KEEPER = HOLDER.keeper(create=True)
MATERIAL = KEEPER.materials.generate(
    "111122223333", "1234abcd-12ab-34cd-56ef-1234567890ab", "HMAC_256", "GENERATE_VERIFY_MAC"
)
SEALED = KEEPER.seal("access-key", b"s" * 40, b"AKIAEXAMPLE")

SEEDS = tuple(
    messages.encode_message(message)[4:]
    for message in (
        messages.Seal("p", b"secret", b"row"),
        messages.Unseal("access-key", SEALED, b"AKIAEXAMPLE"),
        messages.Sigv4Key(SEALED, b"AKIAEXAMPLE", "20261127", "eu-west-1", "kms"),
        messages.Sigv4aPublicKey(SEALED, b"AKIAEXAMPLE"),
        messages.GenerateMac(MATERIAL, b"message"),
        messages.Encrypt(Material("1", "2", "3", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", SEALED), b"p", b"c"),
        messages.GenerateDataKey(MATERIAL, 32, b"", with_plaintext=True),
        messages.Fingerprint(),
        messages.Describe(),
    )
)
PIECES = (
    b"\x95",
    b"\xc4\x20",
    b"\xa4Seal",
    b"\xa4Sign",
    b"\xd9\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\x91" * 99,
)
SLOW = (messages.Generate, messages.GenerateDataKeyPair, messages.MakeWrappingKey)


def frames(*pieces: bytes) -> list[bytes]:
    """What comes out of a stream that comes in these pieces, up to what is no frame."""
    unframed, taken = Unframed(), []
    with contextlib.suppress(OSError):
        for piece in pieces:
            taken += unframed.take(piece)
    return taken


def fuzz_one(data: bytes) -> None:
    """One message, of a user who is not the owner; a finding is an exception, or an answer that is none.

    As a stream it has the same frames however it is cut, but for those that came together with what is none.
    """
    whole, cut = frames(data), frames(*(data[at : at + 3] for at in range(0, len(data), 3)))
    if (
        whole != cut[: len(whole)]
        or b"".join(len(each).to_bytes(4, "big") + each for each in cut) not in data
    ):
        raise AssertionError("frames that depend on how a stream is cut")
    try:
        message = messages.decode_message(data)
    except msgspec.MsgspecError:
        message = messages.Fingerprint()
    if isinstance(message, (*SLOW, messages.SealRoot)):  # no bytes to parse in them, or none to ask after it
        return
    given = answer(HOLDER, data, owner=False)
    if int.from_bytes(given[:4], "big") != len(given) - 4 or len(given) > LONGEST + 4:
        raise AssertionError("an answer that is no frame")
    with contextlib.suppress(MasugataError, InvalidCiphertextError, InvalidInputError):
        messages.decode_answer(message, given[4:])
