"""PKCS #11 URIs: where the key that wraps the ring is.

Source: RFC 7512. Of its attributes those that say which key, which token, which module and where the PIN is;
any other is refused, `pin-value` above all: settings are no place for secrets.
"""

import re
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from masugata.keeper.errors import KeeperError

_PATH: Final = ("token", "serial", "object", "id", "type")
_QUERY: Final = ("module-path", "pin-source")
_VALUE: Final = re.compile(r"(?:[A-Za-z0-9._~:\[\]@!$'()*+,=/?&-]|%[0-9A-Fa-f]{2})+")


class TokenKey(NamedTuple):
    """The key of a seal: what is None was not said; `pin_source` None means that somebody gives the PIN."""

    uri: str
    module: Path
    token: str | None
    serial: str | None
    label: str
    id: bytes | None
    pin_source: Path | None


def parse_token_key(uri: str) -> TokenKey:
    """The key that a URI names; raises `KeeperError` with what is wrong."""
    if "pin-value=" in uri:
        raise KeeperError("a PIN does not belong into a seal's URI: put it into a file, for pin-source")
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    said = _attributes(path.split(";"), _PATH) | _attributes(query.split("&"), _QUERY)
    module, label = _text(said, "module-path"), _text(said, "object")
    token, serial = _text(said, "token"), _text(said, "serial")
    if module is None or not module.startswith("/"):
        raise KeeperError(f"`{uri}` does not say which module to load: ?module-path=/usr/lib/…/lib….so")
    if label is None or (token is None and serial is None):
        raise KeeperError(f"`{uri}` does not say which key: pkcs11:token=NAME;object=NAME is needed")
    if said.get("type", b"secret-key") != b"secret-key":
        raise KeeperError(f"the key of `{uri}` must be of type=secret-key")
    return TokenKey(uri, Path(module), token, serial, label, said.get("id"), _pin_source(uri, said))


def _pin_source(uri: str, said: dict[str, bytes]) -> Path | None:
    source = _text(said, "pin-source")
    if source is None:
        return None
    path = source.removeprefix("file:").removeprefix("//")
    if not path.startswith("/"):
        raise KeeperError(f"the pin-source of `{uri}` must be a file: pin-source=file:/path")
    return Path(path)


def _attributes(parts: list[str], known: tuple[str, ...]) -> dict[str, bytes]:
    said: dict[str, bytes] = {}
    for part in filter(None, parts):
        name, equals, value = part.partition("=")
        if name not in known or name in said or not equals or not _VALUE.fullmatch(value):
            # Not the whole URI: what is misspelt may be a PIN, and this goes into logs.
            raise KeeperError(f"`{name[:40]}` in the URI of a seal is not understood: {', '.join(known)} are")
        said[name] = unquote_to_bytes(value)
    return said


def _text(said: dict[str, bytes], name: str) -> str | None:
    value = said.get(name)
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        raise KeeperError(f"`{name}` of a seal is not UTF-8") from None
