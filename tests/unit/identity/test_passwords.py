"""Passwords as they are kept."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from masugata.identity.passwords import RECOMMENDED, Candidate, Parameters, open_hashes, seal_hashes
from masugata.keeper import SealBrokenError, open_keeper

CHEAP = Parameters(1, 1, 8)
KEEPER = open_keeper("ephemeral:", create=True)


def candidate(password, digests=(), parameters=CHEAP):
    return Candidate(password, digests, os.urandom, parameters)


def test_the_recommended_cost():
    """Passes and memory are those of RFC 9106's second option, in one lane, and a hash verifies itself."""
    assert Parameters(iterations=3, lanes=1, memory=65_536) == RECOMMENDED
    made = Candidate("Correct-Horse-9", (), os.urandom)
    assert Candidate("Correct-Horse-9", (made.digest,), os.urandom).equals(made.digest)
    assert not Candidate("correct-horse-9", (made.digest,), os.urandom).equals(made.digest)


def test_one_salt_for_one_owner():
    """A later password of the same owner is hashed under the same salt, so one hash compares with all."""
    first = candidate("a").digest
    second = candidate("b", (first,))
    assert second.digest.salt == first.salt
    assert second.digest.value != first.value
    assert candidate("a", (second.digest, first)).equals(first)
    assert not candidate("a", (second.digest, first)).equals(second.digest)


def test_owners_do_not_share_salts():
    """Equal passwords of two owners have nothing in common."""
    one, other = candidate("a").digest, candidate("a").digest
    assert one.salt != other.salt
    assert one.value != other.value
    assert not candidate("a", (one,)).equals(other)


def test_sealed_for_its_owner():
    """The digests open for their owner only, and the oldest are forgotten."""
    digests = [candidate(str(number)).digest for number in range(30)]
    sealed = seal_hashes(digests[0], tuple(digests[1:]), "AIDAONE", KEEPER)
    assert open_hashes(sealed, "AIDAONE", KEEPER) == tuple(digests[:25])
    with pytest.raises(SealBrokenError):
        open_hashes(sealed, "AIDAOTHER", KEEPER)


def test_each_sealing_differs():
    """Whoever compares sealed hashes sees that they were set again, even to the same password."""
    digest = candidate("a").digest
    assert seal_hashes(digest, (), "AIDA", KEEPER) != seal_hashes(digest, (), "AIDA", KEEPER)


def test_many_at_once():
    """Hashes of the recommended number of lanes end, and are right, however many threads make them."""
    parameters = Parameters(3, RECOMMENDED.lanes, 64)
    known = candidate("a", (), parameters).digest

    def verify(number):
        return candidate("a" if number % 2 else "b", (known,), parameters).equals(known)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(verify, range(400))) == [False, True] * 200
