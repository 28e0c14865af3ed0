"""Fuzz target: whatever comes over the keeper's socket is answered, in bounds, and ends nothing."""

import contextlib
from pathlib import Path

import msgspec

from masugata.engines.keys import InvalidCiphertextError, InvalidInputError
from masugata.errors import MasugataError
from masugata.keeper import messages
from masugata.keeper.answering import Holder, answer
from masugata.keeper.framing import LONGEST
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


def fuzz_one(data: bytes) -> None:
    """One message, of a user who is not the owner; a finding is an exception, or an answer that is none."""
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
