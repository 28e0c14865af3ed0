"""Seals: how the ring of root keys is kept while nobody uses it, found by a URI."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from masugata.keeper.errors import KeeperError, RootKeyError
from masugata.keeper.seals._pkcs11_uri import parse_token_key
from masugata.keeper.seals._seal import Outside, Seal
from masugata.keeper.seals._wrapping import PassphraseHead, read_wrapped
from masugata.keeper.seals.ephemeral import EphemeralSeal
from masugata.keeper.seals.file import FileSeal
from masugata.keeper.seals.passphrase import PassphraseSeal
from masugata.keeper.seals.pkcs11 import TokenSeal

__all__ = ["SEALED_FILE", "SEALS", "Outside", "Seal", "default_seal", "find_seal"]

SEALED_FILE: Final = "root.sealed"
"""Where a data directory has root keys that are wrapped."""


def _file(uri: str, folder: Path) -> Seal:
    path = uri.removeprefix("file:").removeprefix("//")
    if not path:
        raise _unknown(uri)
    return FileSeal((folder / path).absolute())


def _passphrase(uri: str, folder: Path) -> Seal:
    if uri != "passphrase:":
        raise KeeperError("`passphrase:` stands alone: a passphrase never belongs into a setting or a flag")
    return PassphraseSeal(folder.absolute())


def _token(uri: str, folder: Path) -> Seal:
    return TokenSeal(parse_token_key(uri), folder.absolute())


def _ephemeral(uri: str, folder: Path) -> Seal:
    del folder
    if uri != "ephemeral:":
        raise _unknown(uri)
    return EphemeralSeal()


SEALS: Final[Mapping[str, Callable[[str, Path], Seal]]] = {
    "ephemeral": _ephemeral,
    "file": _file,
    "passphrase": _passphrase,
    "pkcs11": _token,
}
"""All seals by the scheme of their URIs; each is made from its URI and the data directory."""


def find_seal(uri: str, folder: Path) -> Seal:
    """The seal that a URI names, in the data directory `folder`; raises `KeeperError`."""
    scheme, colon, _ = uri.partition(":")
    make = SEALS.get(scheme) if colon else None
    if make is None:
        raise _unknown(uri)
    return make(uri, folder)


def default_seal(folder: Path) -> str:
    """The URI of the seal of a data directory where no setting names one.

    A passphrase if the root keys are under one, a file if nothing is there. Raises `RootKeyError` where only
    a setting can say which token it is.
    """
    sealed = folder / SEALED_FILE
    if not sealed.exists():
        return "file:root.key"
    if isinstance(read_wrapped(sealed).head, PassphraseHead):
        return "passphrase:"
    raise RootKeyError(
        f"the root keys in `{sealed}` are under a token's key: set `seal` to its `pkcs11:` URI"
    )


def _unknown(uri: str) -> KeeperError:
    # A passphrase or a PIN that somebody wrote into it is for nobody's log.
    shown = uri if len(uri) <= 40 and not uri.startswith("passphrase") else f"{uri[:12]}…"
    return KeeperError(
        f"`{shown}` is not a seal; use `file:/path/root.key`, `passphrase:`, `pkcs11:…` or `ephemeral:`"
    )
