"""What is said to the keeper when it is a process of its own: one message for each of its methods.

Both ways it is msgpack in frames; the first byte of an answer says whether the rest is the method's result or
a `Refusal`. A message that was not answered is sent again, so each has to bear being obeyed twice.
"""

from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from masugata.engines.keys import (
    InvalidCiphertextError,
    InvalidInputError,
    InvalidKeyError,
    InvalidMessageError,
    InvalidSignatureError,
    UnsupportedError,
)
from masugata.keeper.errors import (
    KeeperError,
    KeeperFailedError,
    RootKeyError,
    RootKeyMissingError,
    SealBrokenError,
    SealedError,
    TooManyAttemptsError,
    WrongSecretError,
)
from masugata.keeper.framing import frame
from masugata.keeper.materials import DataKey, DataKeyPair, Material, WrappingKey
from masugata.keeper.protocol import SealStatus

_RESULT: Final = b"\0"
_REFUSED: Final = b"\1"

_Size = Annotated[int, msgspec.Meta(ge=1, le=65_536)]


class Message(msgspec.Struct, frozen=True, array_like=True, tag=True, forbid_unknown_fields=True):
    """A method's arguments; many are secret, so none is ever shown."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Fingerprint(Message, frozen=True):
    pass


class Seal(Message, frozen=True):
    purpose: str
    plaintext: bytes
    identity: bytes


class Unseal(Message, frozen=True):
    purpose: str
    blob: bytes
    identity: bytes


class Reseal(Message, frozen=True):
    purpose: str
    blob: bytes
    identity: bytes


class Holds(Message, frozen=True):
    fingerprint: str


class Sigv4Key(Message, frozen=True):
    sealed_secret: bytes
    identity: bytes
    date: str
    region: str
    service: str


class Sigv4aPublicKey(Message, frozen=True):
    sealed_secret: bytes
    identity: bytes


class Generate(Message, frozen=True):
    account: str
    key_id: str
    spec: str
    usage: str


class PublicKey(Message, frozen=True):
    material: Material


class Encrypt(Message, frozen=True):
    material: Material
    plaintext: bytes
    context: bytes


class Decrypt(Message, frozen=True):
    material: Material
    algorithm: str
    ciphertext: bytes
    context: bytes


class ReEncrypt(Message, frozen=True):
    source: Material
    source_algorithm: str
    ciphertext: bytes
    source_context: bytes
    destination: Material
    destination_algorithm: str
    destination_context: bytes


class GenerateDataKey(Message, frozen=True):
    material: Material
    size: _Size
    context: bytes
    with_plaintext: bool


class GenerateDataKeyPair(Message, frozen=True):
    material: Material
    spec: str
    context: bytes
    with_plaintext: bool


class Sign(Message, frozen=True):
    material: Material
    algorithm: str
    message: bytes
    message_type: str


class GenerateMac(Message, frozen=True):
    material: Material
    message: bytes


class VerifyMac(Message, frozen=True):
    material: Material
    message: bytes
    mac: bytes


class DeriveSharedSecret(Message, frozen=True):
    material: Material
    public_key: bytes


class Decapsulate(Message, frozen=True):
    material: Material
    ciphertext: bytes


class MakeWrappingKey(Message, frozen=True):
    spec: str


class ImportWrapped(Message, frozen=True):
    account: str
    key_id: str
    spec: str
    usage: str
    wrapping_sealed: bytes
    algorithm: str
    wrapped: bytes


class Forget(Message, frozen=True):
    key_id: str


class Open(Message, frozen=True):
    """Be ready, or say why not; with `create`, nothing was sealed yet and a missing root key may be made."""

    create: bool


class Describe(Message, frozen=True):
    """Say how the process and its root key are."""


class Status(Message, frozen=True):
    """Ask a `SealableKeeper` for its status."""


class UnsealRoot(Message, frozen=True):
    secret: bytes


class SealRoot(Message, frozen=True):
    pass


class AddRootKey(Message, frozen=True):
    after: int


class ForgetRootKey(Message, frozen=True):
    number: int
    proof: bytes


class MigrateSeal(Message, frozen=True):
    uri: str
    secret: bytes
    proof: bytes


class MakeRecovery(Message, frozen=True):
    shares: int
    threshold: int
    proof: bytes


class ProcessStatus(NamedTuple):
    """How a keeper's process is."""

    process: int
    memory_locked: bool
    """Whether nothing of it can be written to the swap space."""
    dumpable: bool
    """Whether the system would write its memory into a core dump, or let others of its user read it."""
    seal: SealStatus


class Method(NamedTuple):
    """What a message asks for: the method's name, what it answers, and whether that may take long."""

    name: str
    answer: Any
    slow: bool = False


KEEPER: Final[dict[type[Message], Method]] = {
    Seal: Method("seal", bytes),
    Unseal: Method("unseal", bytes),
    Reseal: Method("reseal", bytes),
    Holds: Method("holds", bool),
    Sigv4Key: Method("sigv4_key", bytes),
    Sigv4aPublicKey: Method("sigv4a_public_key", bytes),
}
"""Methods of `Keeper`."""

MATERIALS: Final[dict[type[Message], Method]] = {
    Generate: Method("generate", Material, slow=True),
    PublicKey: Method("public_key", bytes),
    Encrypt: Method("encrypt", bytes),
    Decrypt: Method("decrypt", bytes),
    ReEncrypt: Method("re_encrypt", bytes),
    GenerateDataKey: Method("generate_data_key", DataKey),
    GenerateDataKeyPair: Method("generate_data_key_pair", DataKeyPair, slow=True),
    Sign: Method("sign", bytes),
    GenerateMac: Method("generate_mac", bytes),
    VerifyMac: Method("verify_mac", bool),
    DeriveSharedSecret: Method("derive_shared_secret", bytes),
    Decapsulate: Method("decapsulate", bytes),
    MakeWrappingKey: Method("wrapping_key", WrappingKey, slow=True),
    ImportWrapped: Method("import_wrapped", Material),
    Forget: Method("forget", None),
}
"""Methods of `Materials`."""

SEALABLE: Final[dict[type[Message], Method]] = {
    Status: Method("status", SealStatus),
    UnsealRoot: Method("unseal_root", SealStatus, slow=True),
    SealRoot: Method("seal_root", SealStatus),
}
"""Methods of `SealableKeeper` alone."""

ADMINISTRATION: Final[dict[type[Message], Method]] = {
    AddRootKey: Method("add_root_key", SealStatus, slow=True),
    ForgetRootKey: Method("forget_root_key", SealStatus, slow=True),
    MigrateSeal: Method("migrate_seal", SealStatus, slow=True),
    MakeRecovery: Method("make_recovery", tuple[str, ...], slow=True),
}
"""Methods of `SealableKeeper` that are for the keeper's own user and root alone."""

PROCESS: Final[dict[type[Message], Method]] = {
    Fingerprint: Method("fingerprint", str),
    Open: Method("open", None, slow=True),
    Describe: Method("describe", ProcessStatus),
}
"""What the process itself answers."""

METHODS: Final = KEEPER | MATERIALS | SEALABLE | ADMINISTRATION | PROCESS


class Refusal(msgspec.Struct, frozen=True, array_like=True):
    """An error that crosses as itself: its type's name, and its text."""

    kind: str
    text: str


_ERRORS: Final[dict[str, type[Exception]]] = {
    error.__name__: error
    for error in (
        InvalidCiphertextError,
        InvalidInputError,
        InvalidKeyError,
        InvalidMessageError,
        InvalidSignatureError,
        KeeperError,
        KeeperFailedError,
        RootKeyError,
        RootKeyMissingError,
        SealBrokenError,
        SealedError,
        TooManyAttemptsError,
        UnsupportedError,
        WrongSecretError,
    )
}

_encoder = msgspec.msgpack.Encoder()
_any_message: Any = reduce(or_, METHODS)
_message_decoder = msgspec.msgpack.Decoder(_any_message)
_refusal_decoder = msgspec.msgpack.Decoder(Refusal)
_answer_decoders = {
    message: msgspec.msgpack.Decoder(type=method.answer) for message, method in METHODS.items()
}


def is_slow(message: Message) -> bool:
    """Whether its answer may take long: of new keys those alone whose primes have to be found."""
    if isinstance(message, Generate | GenerateDataKeyPair) and not message.spec.startswith("RSA_"):
        return False
    return METHODS[type(message)].slow


def encode_message(message: Message) -> bytes:
    """A message as it is sent."""
    return frame(_encoder.encode(message))


def decode_message(content: bytes) -> Message:
    """A message without its length; raises `msgspec.MsgspecError`."""
    try:
        message: Message = _message_decoder.decode(content)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError("text that is not UTF-8") from error
    return message


def encode_result(result: Any) -> bytes:
    """The answer to a message that was obeyed."""
    return frame(_RESULT, _encoder.encode(result))


def encode_refusal(error: Exception) -> bytes:
    """The answer to one that was not; of an error that nobody expects not even the text leaves."""
    if not is_known(error):
        return frame(_REFUSED, _encoder.encode(Refusal(KeeperFailedError.__name__, "")))
    return frame(_REFUSED, _encoder.encode(Refusal(type(error).__name__, str(error))))


def is_known(error: Exception) -> bool:
    """Whether an error is one of those that cross as themselves."""
    return _ERRORS.get(type(error).__name__) is type(error)


def decode_answer(message: Message, content: bytes) -> Any:
    """What a method returned for `message`, or raises what it raised; raises `msgspec.MsgspecError`."""
    if content[:1] == _RESULT:
        return _answer_decoders[type(message)].decode(memoryview(content)[1:])
    refusal = _refusal_decoder.decode(memoryview(content)[1:])
    error = _ERRORS.get(refusal.kind, KeeperFailedError)
    if error is KeeperFailedError:
        raise KeeperFailedError("the keeper failed at what it was asked; its log says where")
    raise error(refusal.text) if refusal.text else error
