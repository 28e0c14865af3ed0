r"""Reads files of many small texts that compress well together; scripts/packing.py writes them.

Such a file, in this order:

- a header in ASCII: a line that names what it is and its format, then `name: value` lines, an empty line
  at the end;
- the index (`index` bytes): one line per text, its fields separated by tabs, the last two of them its
  offset and its size;
- a dictionary (`dictionary` bytes) that all texts were compressed with;
- the texts one after another, each compressed by itself. Offsets count from here.

All compression is raw deflate.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from masugata.errors import MasugataError

_HEADER_LIMIT = 1024


class Packed(NamedTuple):
    """A file whose header, index and dictionary were read; texts are read when they are asked for."""

    path: Path
    header: Mapping[str, str]
    table: bytes  # the index, unpacked
    dictionary: bytes
    start: int  # where the texts begin in the file

    def text(self, offset: int, size: int) -> bytes:
        """The text of which the index says this."""
        with self.path.open("rb") as file:
            file.seek(self.start + offset)
            return _inflate(file.read(size), self.dictionary)


def open_packed(path: Path, form: bytes) -> Packed:
    """The file at `path`; raises MasugataError if its first line is not `form`."""
    with path.open("rb") as file:
        first, _, lines = file.read(_HEADER_LIMIT).partition(b"\n\n")[0].partition(b"\n")
        if first != form:
            raise MasugataError(f"`{path}` does not begin with `{form.decode()}`")
        header = dict(line.split(": ", 1) for line in lines.decode().splitlines())
        file.seek(len(first) + len(lines) + 3)
        index = file.read(int(header["index"]))
        dictionary = file.read(int(header["dictionary"]))
        return Packed(path, header, _inflate(index), _inflate(dictionary), file.tell())


def _inflate(data: bytes, dictionary: bytes = b"") -> bytes:
    return zlib.decompressobj(-zlib.MAX_WBITS, zdict=dictionary).decompress(data)
