"""The AES key in a PKCS #11 token that wraps the ring: found, made, used, never read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from masugata.keeper.errors import KeeperError, RootKeyError, WrongSecretError
from masugata.keeper.seals._pkcs11_uri import TokenKey

if TYPE_CHECKING:
    from pkcs11 import Session, Token

# python-pkcs11 is an extra, and slow to import: only who has such a seal does. What a key can do is known
# when it is found, so its type says nothing.


@contextmanager
def opened_key(where: TokenKey, pin: bytes, *, make: bool) -> Iterator[Any]:
    """The key, as long as the block lasts; with `make`, one that is missing is made in the token.

    Raises `WrongSecretError` for a wrong PIN, `RootKeyError` for everything else that a token can answer.
    """
    try:
        import pkcs11  # noqa: PLC0415
    except ImportError as error:
        raise KeeperError("the seal `pkcs11:` needs the extra `hsm`: pip install 'masugata[hsm]'") from error
    try:
        with _token(where).open(rw=make, user_pin=_text(where, pin)) as session:
            yield _key(session, where, make=make)
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        raise WrongSecretError(f"the token of `{where.uri}` does not take the PIN") from error
    except pkcs11.PinLocked as error:
        raise RootKeyError(f"the PIN of the token of `{where.uri}` is locked after wrong ones") from error
    except pkcs11.PKCS11Error as error:
        what = str(error) or type(error).__name__
        raise RootKeyError(f"the token of `{where.uri}` cannot be used: {what}") from error


def encrypt(key: Any, nonce: bytes, text: bytes, lines: bytes) -> bytes:
    """AES-256-GCM in the token: ciphertext and tag."""
    from pkcs11 import GCMParams, Mechanism  # noqa: PLC0415

    return bytes(key.encrypt(text, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, lines, 128)))


def decrypt(key: Any, nonce: bytes, text: bytes, lines: bytes) -> bytes:
    """The plaintext; raises `RootKeyError` if the key is another one, or the text was changed."""
    from pkcs11 import GCMParams, Mechanism, PKCS11Error  # noqa: PLC0415

    parameters = GCMParams(nonce, lines, 128)
    try:
        return bytes(key.decrypt(text, mechanism=Mechanism.AES_GCM, mechanism_param=parameters))
    except PKCS11Error as error:  # of which kind differs from token to token
        raise RootKeyError(
            "the token's key does not open the root keys: it is another one, or their file was changed"
        ) from error


def _text(where: TokenKey, pin: bytes) -> str:
    try:
        return pin.decode()
    except UnicodeDecodeError:
        raise WrongSecretError(f"the PIN for `{where.uri}` is not UTF-8") from None


def _token(where: TokenKey) -> "Token":
    import pkcs11  # noqa: PLC0415

    if not where.module.is_file():
        raise RootKeyError(f"there is no PKCS #11 module `{where.module}`")
    asked: dict[str, str | bytes] = {}
    if where.token is not None:
        asked["token_label"] = where.token
    if where.serial is not None:
        asked["token_serial"] = where.serial.encode()
    try:
        return pkcs11.lib(str(where.module)).get_token(**asked)
    except pkcs11.NoSuchToken as error:
        raise RootKeyError(f"there is no token as `{where.uri}` says") from error
    except pkcs11.MultipleTokensReturned as error:
        raise RootKeyError(f"several tokens are as `{where.uri}` says: give its serial too") from error


def _key(session: "Session", where: TokenKey, *, make: bool) -> Any:
    import pkcs11  # noqa: PLC0415

    asked: dict[Any, Any] = {
        pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
        pkcs11.Attribute.LABEL: where.label,
    }
    if where.id is not None:
        asked[pkcs11.Attribute.ID] = where.id
    keys: list[Any] = list(session.get_objects(asked))  # all: a search that is left open outlives its session
    if len(keys) > 1:
        raise RootKeyError(f"several keys are as `{where.uri}` says: give an id too")
    if not keys and not make:
        raise RootKeyError(f"the token has no key as `{where.uri}` says")
    found = keys[0] if keys else _make(session, where)
    _check(found, where)
    return found


def _make(session: "Session", where: TokenKey) -> Any:
    import pkcs11  # noqa: PLC0415

    return session.generate_key(
        pkcs11.KeyType.AES,
        256,
        label=where.label,
        id=where.id,
        store=True,
        capabilities=pkcs11.MechanismFlag.ENCRYPT | pkcs11.MechanismFlag.DECRYPT,
        template={
            pkcs11.Attribute.PRIVATE: True,
            pkcs11.Attribute.SENSITIVE: True,
            pkcs11.Attribute.EXTRACTABLE: False,
            pkcs11.Attribute.MODIFIABLE: False,
        },
    )


def _check(key: Any, where: TokenKey) -> None:
    """A key that somebody can read out of the token would be no better than a file."""
    import pkcs11  # noqa: PLC0415

    if key.key_type is not pkcs11.KeyType.AES or key.key_length != 256:
        raise RootKeyError(f"the key of `{where.uri}` is not an AES key of 256 bits")
    if key[pkcs11.Attribute.EXTRACTABLE] or not key[pkcs11.Attribute.SENSITIVE]:
        raise RootKeyError(f"the key of `{where.uri}` can be read out of its token: make one that cannot")
