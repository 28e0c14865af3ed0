"""Limits on guessing passwords."""

from datetime import timedelta

import pytest

from masugata.errors import AwsError
from masugata.identity.attempts import (
    FORGOTTEN_AFTER,
    LONGEST_WAIT,
    check_limits,
    count_failure,
    forget_failures,
    limits,
    wait,
)
from unit.authorization.world import NOW, World


class Counts:
    """Failures in a store."""

    def __init__(self):
        self.world = World()
        self.now = NOW

    def fail(self, of, times=1):
        for _ in range(times):
            self.world.store.submit(lambda tx: count_failure(tx, of, self.now)).result()

    def waits(self, of):
        try:
            check_limits(self.world.records, of, self.now)
        except AwsError as error:
            if error.code != "Throttling":
                raise
            return True
        return False


@pytest.fixture
def counts():
    """No failures yet."""
    return Counts()


def test_waits_grow_to_a_minute():
    """Five failures are free, then the wait doubles, and it never exceeds a minute: nobody is locked out."""
    assert [wait(count, 5) for count in range(1, 13)] == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert wait(10**9, 5) == LONGEST_WAIT == 60


def test_the_wait_ends(counts):
    """The wait begins with the last failure, and attempts that were made to wait do not prolong it."""
    of = limits("user/1/alice", "198.51.100.7")
    counts.fail(of, 4)
    assert not counts.waits(of)
    counts.fail(of, 4)
    assert counts.waits(of)
    counts.now += timedelta(seconds=7)
    assert counts.waits(of)
    counts.now += timedelta(seconds=1)
    assert not counts.waits(of)
    counts.fail(of)
    counts.now += timedelta(seconds=15)
    assert counts.waits(of)


def test_failures_are_forgotten(counts):
    """After a quarter of an hour without one they start anew."""
    of = limits("user/1/alice", "198.51.100.7")
    counts.fail(of, 20)
    counts.now += timedelta(seconds=FORGOTTEN_AFTER)
    counts.fail(of)
    assert not counts.waits(of)


def test_a_clock_that_was_set_back(counts):
    """Nobody waits for the time that a clock lost."""
    of = limits("user/1/alice", "198.51.100.7")
    counts.fail(of, 10)
    counts.now -= timedelta(days=300)
    assert not counts.waits(of)


def test_success_forgets_the_owner_s_only(counts):
    """An attacker that signs in as itself does not clear what its address did to others."""
    of = limits("user/1/alice", "198.51.100.7")
    counts.fail(of, 30)
    counts.world.store.submit(lambda tx: forget_failures(tx, of[0])).result()
    counts.world.store.submit(lambda tx: forget_failures(tx, of[0])).result()
    assert not counts.waits(of[:1])
    assert counts.waits(of[1:])


def test_places_are_bounded():
    """However many names and addresses are tried, there are 4,096 counts of each sort at most."""
    places = {
        limit.place for n in range(20_000) for limit in limits(f"user/1/{n}", f"10.1.{n >> 8}.{n & 255}")
    }
    assert len(places) <= 8192
    assert {len(place.partition("/")[2]) for place in places} == {3}


def test_addresses():
    """An IPv6 network counts as one; other texts and halves of surrogate pairs do no harm."""
    one, other = limits("u", "2001:db8::1")[1], limits("u", "2001:db8::ffff:1")[1]
    assert one == other
    assert limits("u", "2001:db8:0:1::1")[1] != one
    assert limits("\ud800", "not an address")


def test_it_lasts_over_a_rollback(counts):
    """A failure counts although the call that made it changes nothing else."""
    of = limits("user/1/alice", "198.51.100.7")

    def job(transaction):
        savepoint = transaction.savepoint()
        count_failure(transaction, of, NOW)
        transaction.rollback(savepoint)

    for _ in range(5):
        counts.world.store.submit(job).result()
    assert counts.waits(of)
