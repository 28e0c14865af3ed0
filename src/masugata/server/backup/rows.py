"""The parts of a backup: rows, packed and counted while they pass."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeVar

import msgspec

from masugata.server.backup.errors import BackupDamagedError, BackupError
from masugata.server.backup.header import Part

R = TypeVar("R", bound=msgspec.Struct)

Progress = Callable[[str, int], None]
"""Called now and then with the name of a part and how many of its rows are done."""

_ROW_LIMIT = 64 << 20  # bytes; far above what a record or an event may have
_CHUNK = 1 << 20
_GZIP = 31  # zlib's name for the format with a head and a checksum
_LEVEL = 3  # a third of the time of the default for a tenth more bytes


def write_part(file: BinaryIO, name: str, rows: Iterable[msgspec.Struct], progress: Progress) -> Part:
    """Write rows at the file's position."""
    encode = msgspec.msgpack.Encoder().encode
    packer, digest = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP), hashlib.sha256()
    count = size = length = 0
    waiting = bytearray()

    def put(packed: bytes) -> None:
        nonlocal size
        digest.update(packed)
        size += file.write(packed)

    for row in rows:
        encoded = encode(row)
        if len(encoded) > _ROW_LIMIT:
            raise BackupError(f"a row of the part `{name}` is too long for a backup")
        waiting += len(encoded).to_bytes(4, "big")
        waiting += encoded
        count += 1
        if len(waiting) >= _CHUNK:
            length += len(waiting)
            put(packer.compress(waiting))
            waiting.clear()
            progress(name, count)
    length += len(waiting)
    put(packer.compress(waiting) + packer.flush())
    progress(name, count)
    return Part(name, count, size, length, digest.hexdigest())


def check_part(file: BinaryIO, part: Part) -> None:
    """Raise `BackupDamagedError` unless the bytes at the file's position are those that were written."""
    digest, left = hashlib.sha256(), part.size
    while left and (chunk := file.read(min(left, _CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
    if left or digest.hexdigest() != part.sha256:
        raise BackupDamagedError(f"the part `{part.name}` of the backup is damaged")


def read_part(file: BinaryIO, part: Part, row: type[R], progress: Progress) -> Iterator[R]:
    """The rows of a part at the file's position; raises `BackupDamagedError`."""
    decode = msgspec.msgpack.Decoder(row).decode
    count = 0
    waiting = bytearray()
    try:
        for chunk in _unpacked(file, part):
            waiting += chunk
            start = 0
            while len(waiting) - start >= 4:
                end = start + 4 + int.from_bytes(waiting[start : start + 4], "big")
                if end > len(waiting):
                    break
                yield decode(bytes(waiting[start + 4 : end]))
                count += 1
                start = end
            del waiting[:start]
            progress(part.name, count)
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupDamagedError(f"the part `{part.name}` of the backup cannot be read: {error}") from error
    if waiting or count != part.rows:
        raise BackupDamagedError(f"the part `{part.name}` of the backup does not have {part.rows} rows")


def _unpacked(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """The part's bytes, no more of them than its head says."""
    unpacker = zlib.decompressobj(_GZIP)
    left, length = part.size, part.length
    while left and (packed := file.read(min(left, _CHUNK))):
        left -= len(packed)
        while True:
            chunk = unpacker.decompress(packed, _CHUNK)
            packed = unpacker.unconsumed_tail
            length -= len(chunk)
            if length < 0:
                raise BackupDamagedError(f"the part `{part.name}` of the backup is longer than it says")
            yield chunk
            if unpacker.eof or (not packed and len(chunk) < _CHUNK):
                break
    if left or length or not unpacker.eof or unpacker.unused_data:
        raise BackupDamagedError(f"the part `{part.name}` of the backup is cut off")
