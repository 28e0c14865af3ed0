"""The head of a backup: what is in it, and proof that it is what was written.

The first `SIZE` bytes of the file are five lines:

    masugata-backup 1                   what it is, and the version of the format
    {"program":"0.1.0",…}               `Header`, as JSON
    <hexadecimal digits>                an empty secret, sealed by the keeper under the digest of line 2
    <64 hexadecimal digits>             SHA-256 of the lines before
    <spaces>

Behind it come the parts, one after the other, each a gzip member of rows: four bytes of length, most
significant first, and a MessagePack array. The seal opens only with the root key that was at hand when the
backup was made, so nobody without that key can have written or changed what the head vouches for.
"""

import hashlib
import re
from datetime import datetime

import msgspec

from masugata.keeper import Keeper, SealBrokenError
from masugata.server.backup.errors import BackupDamagedError, BackupError

SIZE = 16_384
FORMAT = 1
SHOWN_ACCOUNTS = 20

MAGIC = b"masugata-backup "

_FIRST_LINE = re.compile(rb"masugata-backup ([0-9]{1,9})\n")
_BLOCK = re.compile(rb"(masugata-backup 1\n([^\n]+)\n([0-9a-f]+)\n)([0-9a-f]{64})\n *\n", re.DOTALL)
_PURPOSE = "backup"


class Part(msgspec.Struct, frozen=True):
    """One part: its rows, its bytes in the file, its bytes unpacked, and SHA-256 of those in the file."""

    name: str
    rows: int
    size: int
    length: int
    sha256: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `kinds` are the record formats by `service/kind`, `accounts` the first few."""

    program: str
    time: datetime
    root_key: str
    revision: int
    last_seq: int
    accounts: tuple[str, ...]
    account_count: int
    kinds: dict[str, int]
    parts: tuple[Part, Part, Part]

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return SIZE + sum(part.size for part in self.parts)

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each part has."""
        return {part.name: part.rows for part in self.parts}


def header_bytes(header: Header, keeper: Keeper) -> bytes:
    """The head as it stands in the file."""
    content = msgspec.json.encode(header)
    seal = keeper.seal(_PURPOSE, b"", hashlib.sha256(content).digest())
    return _block(b"masugata-backup %d\n%b\n%b\n" % (FORMAT, content, seal.hex().encode()))


def _block(lines: bytes) -> bytes:
    block = lines + hashlib.sha256(lines).hexdigest().encode() + b"\n"
    if len(block) >= SIZE:
        raise BackupError("the head of the backup would be too long")
    return block + b" " * (SIZE - len(block) - 1) + b"\n"


class SealedHeader(msgspec.Struct, frozen=True):
    """A header, and what proves that the holder of the root key wrote it."""

    header: Header
    digest: bytes
    seal: bytes

    def check_root_key(self, keeper: Keeper) -> None:
        """Raise `BackupError` unless the keeper has the root key that the backup was made with."""
        if not keeper.holds(self.header.root_key):
            raise BackupError(
                f"the backup was made with the root key `{self.header.root_key}`, and the newest one at hand "
                f"is `{keeper.fingerprint}`: put the root.key (or root.sealed) in its place that was kept "
                "beside the backup"
            )
        try:
            keeper.unseal(_PURPOSE, self.seal, self.digest)
        except SealBrokenError as error:
            raise BackupDamagedError(
                "the head of the backup was not written by the holder of this root key: do not trust the file"
            ) from error


def read_header(block: bytes) -> SealedHeader:
    """The header in the first `SIZE` bytes of a file; raises `BackupError`."""
    first = _FIRST_LINE.match(block)
    if first is None:
        raise BackupError("the file is not a backup of masugata")
    if int(first[1]) != FORMAT:
        raise BackupError(
            f"the backup has the format `{int(first[1])}`, this program reads {FORMAT}; "
            "restore it with the program that wrote it"
        )
    if len(block) < SIZE:
        raise BackupDamagedError("the backup is cut off in its head")
    found = _BLOCK.fullmatch(block)
    if found is None or _block(found[1]) != block:
        raise BackupDamagedError("the head of the backup is damaged")
    try:
        header = msgspec.json.decode(found[2], type=Header)
        seal = bytes.fromhex(found[3].decode())
    except (msgspec.DecodeError, ValueError) as error:
        raise BackupDamagedError("the head of the backup is damaged") from error
    if tuple(part.name for part in header.parts) != ("records", "events", "last-uses"):
        raise BackupDamagedError("the head of the backup names other parts than it has")
    if any(min(part.rows, part.size, part.length) < 0 for part in header.parts):
        raise BackupDamagedError("the head of the backup has negative sizes")
    return SealedHeader(header, hashlib.sha256(found[2]).digest(), seal)
