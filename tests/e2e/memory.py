"""Looking for secrets in the memory of another process, as a core dump of it would hold them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(.*)")
_PIECE = 1 << 22
_OF_THE_KERNEL = ("[vvar]", "[vvar_vclock]", "[vsyscall]")


def found_in_memory(pid: int, secrets: Mapping[str, bytes]) -> set[str]:
    """The names of those secrets that are anywhere in a process's memory, as bytes or in hexadecimal."""
    wanted = {name: (secret, secret.hex().encode()) for name, secret in secrets.items()}
    longest = max(len(forms[1]) for forms in wanted.values())
    found: set[str] = set()
    for piece in _pieces(pid, longest):
        found |= {name for name, forms in wanted.items() if any(form in piece for form in forms)}
    return found


def _pieces(pid: int, overlap: int) -> Iterator[bytes]:
    """All that can be read, in pieces that overlap; what is unmapped meanwhile is left out."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for first, last, name in _REGION.findall(maps):
            start, end = int(first, 16), int(last, 16)
            while start < end and name not in _OF_THE_KERNEL:
                try:
                    memory.seek(start)
                    piece = memory.read(min(_PIECE + overlap, end - start))
                except OSError:
                    break
                if not piece:
                    break
                yield piece
                start += _PIECE
