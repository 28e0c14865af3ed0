"""Damaged seeds for a short run of a fuzz target on every push, without libFuzzer."""

from collections.abc import Sequence
from random import Random


def mutated(random: Random, seeds: Sequence[bytes], pieces: Sequence[bytes]) -> bytes:
    """One of the seeds with a few bytes changed, cut, doubled, or one of the pieces put in."""
    data = bytearray(random.choice(seeds))
    for _ in range(random.randrange(1, 6)):
        place = random.randrange(len(data) + 1)
        end = min(len(data), place + random.randrange(8))
        match random.randrange(4):
            case 0:
                data[place:end] = random.randbytes(end - place)
            case 1:
                del data[place:end]
            case 2:
                data[place:place] = random.choice(pieces)
            case _:
                data[place:place] = data[place:end] * random.randrange(1, 4)
    return bytes(data)
