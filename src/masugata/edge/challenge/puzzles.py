"""Puzzles: what is asked goes with the client, signed; what answers it follows from the secret."""

import hashlib
import hmac
import struct
from typing import Final, Literal

import msgspec

from masugata.edge.challenge import _base64url
from masugata.edge.challenge.secret import TokenSecret

Kind = Literal["CHALLENGE", "CAPTCHA"]

NONCE: Final = 12
SECONDS: Final = 300
"""For which a puzzle can be solved."""
LETTERS: Final = "ACDEFHJKLMNPRTUVWXY34679"
"""Those that are not taken for others."""
LENGTH: Final = 6
_BEEPS: Final = "12345"
_VERSION: Final = 1
_KINDS: Final[dict[int, Kind]] = {1: "CHALLENGE", 2: "CAPTCHA"}
_NUMBERS: Final = {kind: number for number, kind in _KINDS.items()}
_BODY: Final = struct.Struct(f"!BBBI{NONCE}s")
_SIGNATURE: Final = 32
_LONGEST: Final = 128
_SKEW: Final = 60
_LONGEST_COUNTER: Final = 15


class Puzzle(msgspec.Struct, frozen=True):
    """One puzzle, made at `issued` (seconds since 1970); `difficulty` is of a challenge."""

    kind: Kind
    issued: int
    nonce: bytes
    difficulty: int = 0

    @property
    def ends(self) -> int:
        """When it can no longer be solved."""
        return self.issued + SECONDS

    @property
    def text(self) -> str:
        """What is hashed with a counter."""
        return _base64url.encode(self.nonce)


def seal(puzzle: Puzzle, host: str, secret: TokenSecret) -> str:
    """A puzzle as its page has it; it can be solved at this host only."""
    body = _BODY.pack(_VERSION, _NUMBERS[puzzle.kind], puzzle.difficulty, puzzle.issued, puzzle.nonce)
    return _base64url.encode(body + _sign(body, host, puzzle.issued, secret))


def unseal(text: bytes, kind: Kind, host: str, now: float, secret: TokenSecret) -> Puzzle | None:
    """The puzzle, if it is one of ours, for this host, of this kind, and of now."""
    if len(text) > _LONGEST or (data := _base64url.decode(text)) is None:
        return None
    body, signature = data[:-_SIGNATURE], data[-_SIGNATURE:]
    if len(body) != _BODY.size or body[0] != _VERSION:
        return None
    _, number, difficulty, issued, nonce = _BODY.unpack(body)
    if not hmac.compare_digest(_sign(body, host, issued, secret), signature):
        return None
    puzzle = Puzzle(_KINDS[number], issued, nonce, difficulty)
    return puzzle if puzzle.kind == kind and -_SKEW <= now - issued < SECONDS else None


def _sign(body: bytes, host: str, issued: int, secret: TokenSecret) -> bytes:
    return hmac.digest(secret.key("puzzle", issued), body + host.encode("ascii"), "sha256")


def is_proof(puzzle: Puzzle, counter: bytes) -> bool:
    """Whether the hash of puzzle and counter begins with as many zero bits as are asked for."""
    if not counter.isdigit() or len(counter) > _LONGEST_COUNTER:
        return False
    found = hashlib.sha256(b"%b:%b" % (puzzle.text.encode(), counter)).digest()
    return int.from_bytes(found, "big") >> (256 - puzzle.difficulty) == 0


def letters(puzzle: Puzzle, secret: TokenSecret) -> str:
    """What its picture shows."""
    return _derive("picture", LETTERS, puzzle, secret)


def beeps(puzzle: Puzzle, secret: TokenSecret) -> str:
    """How many beeps each group of its sound has."""
    return _derive("sound", _BEEPS, puzzle, secret)


def is_answer(puzzle: Puzzle, text: str, secret: TokenSecret) -> bool:
    """Whether the text is what the picture shows, or what the sound tells."""
    said = "".join(text.split()).upper().encode()
    return any(hmac.compare_digest(said, answer(puzzle, secret).encode()) for answer in (letters, beeps))


def _derive(purpose: str, alphabet: str, puzzle: Puzzle, secret: TokenSecret) -> str:
    found = hmac.digest(secret.key(purpose, puzzle.issued), puzzle.nonce, "sha256")
    number = int.from_bytes(found, "big")
    answer = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(alphabet))
        answer += alphabet[place]
    return answer
