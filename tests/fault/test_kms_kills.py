"""Keeper and server are killed in the middle of everything that KMS does: what was answered stays true.

SIGKILL takes the process, not the machine: what a power cut does is up to fsync, which the store
asks for at every commit.
"""

import os
import signal
import threading
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from databases import new_database
from e2e.workers import Supervised, ends
from fault.kms_clients import Actor, Shared, prove
from fault.kms_facts import HERE, THERE, Facts, OwnKey, Trail, end_window, see
from masugata.records import ALL_KINDS
from masugata.records.kms import PENDING_DELETION
from masugata.store import open_store

KILLS = int(os.environ.get("MASUGATA_TEST_KMS_KILLS", "1000"))
ACTORS = 4
OLD_PROOFS = 30  # of what was proven before, after each restart; at the end all are


class Rounds:
    """One data directory through many deaths of its server, and all that clients were told meanwhile."""

    def __init__(self, server: Supervised, place: Path | str, seed: int) -> None:
        self.server, self.place = server, place
        self.random = Random(seed)
        self.actors = [Actor(number, self.random.randrange(2**32)) for number in range(ACTORS)]
        self.keeper_kills = self.worker_kills = self.server_kills = self.erased = self.rotated = 0
        self.happened: Counter[bool] = Counter()  # of the calls that were not answered
        self._trail: Trail | None = None

    @property
    def keys(self) -> list[OwnKey]:
        """Those of all clients."""
        return [key for actor in self.actors for key in actor.keys]

    def live_and_die(self, keeper_kills: int, worker_kills: int = 0) -> None:
        """Start the server, prove what it should know, work, kill keepers and workers, kill the server."""
        shared = Shared(self.server.start())
        self._trail = self._trail or Trail(self.server.account)
        self.prove_some(shared)
        threads = [threading.Thread(target=actor.work, args=[shared]) for actor in self.actors]
        for thread in threads:
            thread.start()
        for _ in range(keeper_kills):
            self._let_work(shared)
            [keeper] = self.server.keepers
            self._kill(keeper)
            self.keeper_kills += 1
        if worker_kills:
            shared.losing.set()
        for _ in range(worker_kills):
            self._let_work(shared)
            self._kill(self.random.choice(sorted(self.server.workers)))
            self.worker_kills += 1
        self._let_work(shared)
        gone = ends(self.server.children)
        shared.losing.set()
        shared.enough.set()
        self.server.kill()
        self.server_kills += 1
        gone()
        for thread in threads:
            thread.join()
        assert [wrong for actor in self.actors for wrong in actor.wrong] == []

    def _let_work(self, shared: Shared) -> None:
        """Until some calls were answered, and a moment more that is no call's end."""
        with shared.progress:
            wanted = shared.done + self.random.randint(1, 20)
            assert shared.progress.wait_for(lambda: shared.done >= wanted, timeout=120)
            shared.progress.wait(self.random.uniform(0, 0.01))

    @staticmethod
    def _kill(pid: int) -> None:
        gone = ends([pid])
        os.kill(pid, signal.SIGKILL)
        gone()

    def look(self) -> None:
        """With no server there, hold what the store has to what the clients were told; let windows end."""
        store = open_store(self.place, ALL_KINDS)
        try:
            store.flush().result()  # a server goes on with the commit that it was just told to make
            assert store.check() == []
            happened = self._settle(see(store.snapshot(), self.server.account))
            self._check_events(store, happened)
            for key, region in self._windows():
                store.submit(
                    lambda tx, key=key, region=region: end_window(tx, self.server.account, key.id, region)
                ).result()
        finally:
            store.close()

    def _settle(self, seen: dict) -> list[str]:
        """Compare each key; gives the names of the calls that were not answered and have happened."""
        happened = []
        for key in self.keys:
            found = seen.pop(key.name, None)
            facts = found.facts if found else None
            assert facts in key.possible, f"{key.name} {key.id}: {facts} is none of {key.possible}"
            if key.in_flight:
                self.happened[facts != key.before] += 1
                if facts != key.before:
                    happened.append(key.in_flight)
                    key.in_flight = ""
                key.in_flight = ""
                key.possible = {facts}
            elif len(key.possible) > 1 and facts not in self._waiting_for_end(key):
                key.possible = {facts}
                self.erased += 1
            if found:
                key.id, key.grants = found.id, found.grants
        assert not seen, f"keys that nobody asked for: {sorted(seen)}"
        for actor in self.actors:  # what was not created, and was asked for nothing more
            actor.keys = [key for key in actor.keys if key.id]
        return happened

    @staticmethod
    def _waiting_for_end(key: OwnKey) -> set[Facts | None]:
        """What a key is whose window has ended and that was not yet looked at."""
        return {facts for facts in key.possible if facts and PENDING_DELETION in (facts.state, facts.replica)}

    def _check_events(self, store, happened: list[str]) -> None:
        """Every call that was answered has its event; every other change has one if it has happened."""
        requests, changes, own = self._trail.new(store)
        acknowledged = {request for actor in self.actors for request in actor.acknowledged}
        assert acknowledged <= requests, f"{len(acknowledged - requests)} events are lost"
        unanswered = Counter(name for name, request in changes if request not in acknowledged)
        assert unanswered == Counter(happened)
        self.rotated += own["RotateKey"]
        for actor in self.actors:
            actor.acknowledged.clear()

    def _windows(self) -> list[tuple[OwnKey, str]]:
        """Some keys and replicas whose time has come; they may be gone from now on."""
        ended = []
        for key in self.keys:
            if not key.certain or self.random.random() < 0.5:
                continue
            if key.facts.state == PENDING_DELETION:
                key.possible = {key.facts, None}
                ended.append((key, HERE))
            elif key.facts.replica == PENDING_DELETION:
                key.possible = {key.facts, key.facts._replace(replica="")}
                ended.append((key, THERE))
        return ended

    def prove_some(self, shared: Shared, old: int | None = OLD_PROOFS) -> None:
        """What is new since the last time is good, and some of what is older, or (None) all."""
        before = []
        for key in self.keys:
            if len(key.possible) > 1:
                continue
            since = key.proven if old is not None else 0
            for proof in key.proofs[since:]:
                prove(shared, key, proof)
            before += [(key, proof) for proof in key.proofs[:since]]
            key.proven = len(key.proofs)
        for key, proof in self.random.sample(before, min(old or 0, len(before))):
            prove(shared, key, proof)

    def end(self) -> None:
        """Start once more: all that was ever answered is proven, windows end, an orderly stop keeps it."""
        shared = Shared(self.server.start())
        self.prove_some(shared, None)
        assert self.server.stop() == 0
        self.look()

    def report(self, capsys) -> None:
        """Say how much was tried."""
        proofs = sum(len(key.proofs) for key in self.keys)
        with capsys.disabled():
            print(  # noqa: T201
                f"\n{self.keeper_kills} keepers, {self.worker_kills} workers and {self.server_kills} servers "
                f"killed; {len(self.keys)} keys with {proofs} ciphertexts and signatures kept, "
                f"{self.rotated} rotations, {self.erased} keys erased; of {self.happened.total()} changes "
                f"that were not answered {self.happened[True]} have happened"
            )


@pytest.mark.parametrize(
    ("sort", "workers", "kills"),
    [
        ("sqlite", 1, 8),
        ("postgres", 1, 3),
        pytest.param("sqlite", 1, KILLS, marks=pytest.mark.nightly),
        pytest.param("sqlite", 2, KILLS // 10, marks=pytest.mark.nightly),
        pytest.param("postgres", 1, KILLS // 10, marks=pytest.mark.nightly),
    ],
)
def test_kms_survives_kills(request, tmp_path, capsys, sort, workers, kills):
    """However keeper, worker or server die, every key works and decrypts as answered, nothing by halves."""
    database = new_database(sort, request, tmp_path)
    environment = {"MASUGATA_DATABASE": database.place} if sort == "postgres" else {}
    server = Supervised(tmp_path / "data", ("--workers", str(workers)), environment)
    rounds = Rounds(server, database.place, kills)
    try:
        while (done := rounds.keeper_kills + rounds.worker_kills + rounds.server_kills) < kills:
            keepers = min(1 + rounds.server_kills % 2, kills - done - 1)
            rounds.live_and_die(max(keepers, 0), 1 if workers > 1 else 0)
            rounds.look()
        rounds.end()
    finally:
        if server.process is not None:
            server.stop()
        rounds.report(capsys)
    assert rounds.keys
