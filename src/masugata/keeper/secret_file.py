"""Passphrases and PINs that are read from a file, or from a descriptor such as /dev/fd/3."""

import unicodedata
from pathlib import Path
from typing import Final

from masugata.keeper.errors import RootKeyError

_LONGEST: Final = 1024


def read_secret(path: Path) -> bytes:
    """The secret in a file, without the end of its line; raises `RootKeyError`."""
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST + 2)
    except OSError as error:
        raise RootKeyError(f"cannot read the passphrase in `{path}`: {error.strerror}") from error
    return normal_secret(text.removesuffix(b"\n").removesuffix(b"\r"))


def normal_secret(text: bytes) -> bytes:
    """The same bytes for what looks the same, however it was typed: Unicode's NFC, as in RFC 8265."""
    try:
        return unicodedata.normalize("NFC", text.decode()).encode()
    except UnicodeDecodeError:
        return text
