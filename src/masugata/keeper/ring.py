"""The ring of root keys: numbered, the newest seals, all open.

As text, in a file of its own or inside the wrapping of a seal, a ring is one of two forms:

    masugata-root-key 1                     masugata-root-key 2
    <64 hexadecimal digits: the key>        <number> <64 digits: the key> <16: its fingerprint>
    <16: its fingerprint>                   recovery <64: a public key> <64: a key>
                                            <16: of the lines before>

The first form is that of one key with the number 1; the second has one line for each key, and a line on
recovery if there are shares. The last digits tell a damaged ring from another one. Both can be printed and
kept in a safe.
"""

import hashlib
import hmac
import re
from typing import Final, NamedTuple

from masugata.engines.keys import derive
from masugata.keeper.errors import KeeperError

ROOT_KEY_SIZE: Final = 32
FIRST: Final = 1
"""The number of the root key that an installation begins with."""
MOST_KEYS: Final = 32
LONGEST_RING: Final = 4096
"""Bytes of the text of a ring of `MOST_KEYS`, and a little more."""

LAST: Final = 0xFFFF_FFFF
"""The greatest number that a root key can have."""

_FIRST_FORM: Final = re.compile(rb"masugata-root-key 1\n([0-9a-f]{64})\n([0-9a-f]{16})\n")
_KEY_LINE: Final = rb"[1-9][0-9]{0,9} [0-9a-f]{64} [0-9a-f]{16}\n"
_SECOND_FORM: Final = re.compile(
    rb"(masugata-root-key 2\n((?:%b){1,%d})(?:recovery ([0-9a-f]{64}) ([0-9a-f]{64})\n)?)([0-9a-f]{16})\n"
    % (_KEY_LINE, MOST_KEYS)
)


class InvalidRingError(KeeperError):
    """A text is not a ring; `damaged` says whether it was one once."""

    def __init__(self, message: str, *, damaged: bool) -> None:
        super().__init__(message)
        self.damaged = damaged


class RecoveryKeys(NamedTuple):
    """To whom copies of the ring are wrapped: an X25519 public key, and what proves who wrapped them."""

    public: bytes
    proof: bytes

    def __repr__(self) -> str:
        return "<RecoveryKeys>"


class RootKeyRing:
    """Root keys by their numbers; what has it can open everything, so it never leaves the keeper."""

    __slots__ = ("_keys", "recovery")

    def __init__(self, keys: dict[int, bytes], recovery: RecoveryKeys | None = None) -> None:
        if not 1 <= len(keys) <= MOST_KEYS:
            raise KeeperError(f"a ring has 1 to {MOST_KEYS} root keys: forget one that is no longer used")
        if any(len(key) != ROOT_KEY_SIZE for key in keys.values()):
            raise KeeperError(f"a root key has {ROOT_KEY_SIZE} bytes")
        if not all(FIRST <= number <= LAST for number in keys):
            raise KeeperError("a root key has a number from 1 on")
        self._keys = dict(sorted(keys.items()))
        self.recovery = recovery

    def __repr__(self) -> str:
        return f"<RootKeyRing {self.fingerprint}>"

    def __reduce__(self) -> str:
        raise TypeError("root keys do not leave their process")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RootKeyRing) and hmac.compare_digest(self.to_text(), other.to_text())

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    @property
    def newest(self) -> int:
        """The number of the root key that seals."""
        return next(reversed(self._keys))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all root keys, ascending."""
        return tuple(self._keys)

    @property
    def fingerprint(self) -> str:
        """That of the newest root key."""
        return fingerprint(self._keys[self.newest])

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Those of all root keys, in the order of their numbers."""
        return tuple(fingerprint(key) for key in self._keys.values())

    def get(self, number: int) -> bytes | None:
        """The root key with this number, or None."""
        return self._keys.get(number)

    def adding(self, key: bytes) -> "RootKeyRing":
        """The ring with a new root key, which seals from then on."""
        return RootKeyRing({**self._keys, self.newest + 1: key}, self.recovery)

    def forgetting(self, number: int) -> "RootKeyRing":
        """The ring without an old root key; raises `KeeperError` for the newest and for one it has not."""
        if number not in self._keys:
            raise KeeperError(f"there is no root key {number}: there are {_listed(self.numbers)}")
        if number == self.newest:
            raise KeeperError(f"root key {number} is the newest, which seals: rotate first")
        left = {n: key for n, key in self._keys.items() if n != number}
        return RootKeyRing(left, self.recovery)

    def recoverable_by(self, recovery: RecoveryKeys) -> "RootKeyRing":
        """The ring whose copies are wrapped to these keys."""
        return RootKeyRing(self._keys, recovery)

    def to_text(self) -> bytes:
        """The ring in the first form if that can hold it, so that earlier programs go on reading it."""
        if self.numbers == (FIRST,) and self.recovery is None:
            root = self._keys[FIRST]
            return f"masugata-root-key 1\n{root.hex()}\n{fingerprint(root)}\n".encode()
        lines = ["masugata-root-key 2\n"]
        lines += [f"{number} {key.hex()} {fingerprint(key)}\n" for number, key in self._keys.items()]
        if self.recovery is not None:
            lines.append(f"recovery {self.recovery.public.hex()} {self.recovery.proof.hex()}\n")
        text = "".join(lines).encode()
        return text + _digest(text) + b"\n"


def parse_ring(text: bytes) -> RootKeyRing:
    """The ring that a text holds; raises `InvalidRingError`."""
    if (first := _FIRST_FORM.fullmatch(text)) is not None:
        root = bytes.fromhex(first[1].decode())
        if fingerprint(root).encode() != first[2]:
            raise InvalidRingError("the root key is damaged", damaged=True)
        return RootKeyRing({FIRST: root})
    second = _SECOND_FORM.fullmatch(text)
    if second is None:
        raise InvalidRingError("not a root key that this program knows", damaged=False)
    lines, key_lines, public, proof, digest = second.groups()
    if _digest(lines) != digest:
        raise InvalidRingError("the ring of root keys is damaged", damaged=True)
    keys: dict[int, bytes] = {}
    for line in key_lines.splitlines():
        number, key, mark = line.split()
        root = bytes.fromhex(key.decode())
        if not max(keys, default=0) < int(number) <= LAST or fingerprint(root).encode() != mark:
            raise InvalidRingError("the ring of root keys is damaged", damaged=True)
        keys[int(number)] = root
    if public is None:
        return RootKeyRing(keys)
    return RootKeyRing(keys, RecoveryKeys(bytes.fromhex(public.decode()), bytes.fromhex(proof.decode())))


def fingerprint(root: bytes) -> str:
    """16 hexadecimal digits that tell one root key from another and nothing else."""
    return derive(root, b"masugata fingerprint", b"")[:8].hex()


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest()[:16].encode()


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
