"""A keeper that is killed again and again: those who ask it wait, and notice nothing else."""

import os
import signal
import threading
from pathlib import Path

import pytest

from e2e.conftest import Server
from e2e.workers import ends, supervised
from masugata.keeper.child import running_keepers
from masugata.keeper.client import RemoteKeeper


class Drinker(threading.Thread):
    """Asks for what needs the keeper until there has been enough; notes each answer that is not right."""

    def __init__(self, server: Server, number: int, enough: threading.Event, progress: threading.Condition):
        super().__init__()
        self.wrong: list[str] = []
        self.answered = 0
        self._server, self._number, self._enough, self._progress = server, number, enough, progress

    def run(self) -> None:
        kms, iam, sts = (self._server.client(service) for service in ("kms", "iam", "sts"))
        name = f"drinker-{self._number}"
        iam.create_user(UserName=name)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        while not self._enough.is_set():
            try:
                self._once(kms, iam, sts, name, key)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is told
                self.wrong.append(repr(error))
            with self._progress:
                self.answered += 1
                self._progress.notify_all()

    def _once(self, kms, iam, sts, name: str, key: str) -> None:
        blob = kms.encrypt(KeyId=key, Plaintext=b"espresso")["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"espresso"
        other = kms.create_key()["KeyMetadata"]["KeyId"]
        assert kms.encrypt(KeyId=other, Plaintext=b"x")["CiphertextBlob"] != blob
        access_key = self._server.key(name)
        assert self._server.client("sts", access_key).get_caller_identity()["Account"]
        iam.delete_access_key(UserName=name, AccessKeyId=access_key.access_key_id)
        session = sts.get_session_token()["Credentials"]
        assert self._server.session(session, "sts").get_caller_identity()["Account"]


@pytest.mark.parametrize(
    ("workers", "kills"), [(1, 8), (2, 8), pytest.param(2, 200, marks=pytest.mark.nightly)]
)
def test_killed_keepers_lose_no_request(tmp_path: Path, workers: int, kills: int) -> None:
    """However often the keeper is killed in the middle of work, every request is answered, and rightly."""
    with supervised(tmp_path / "data", workers) as (server, _):
        enough, progress = threading.Event(), threading.Condition()
        drinkers = [Drinker(server, number, enough, progress) for number in range(3)]
        for drinker in drinkers:
            drinker.start()

        def answered() -> int:
            return sum(drinker.answered for drinker in drinkers)

        [address] = running_keepers(server.data)
        keeper, victims = RemoteKeeper(address), set()
        for _ in range(kills):
            with progress:  # each keeper has served somebody before it is killed
                before = answered()
                assert progress.wait_for(lambda before=before: answered() > before, timeout=120)
            victim = keeper.describe().process  # waits, as everybody does, if there is none just now
            gone = ends([victim])
            os.kill(victim, signal.SIGKILL)
            gone()
            victims.add(victim)
        with progress:
            before = answered()
            assert progress.wait_for(lambda: answered() > before + len(drinkers), timeout=120)
        enough.set()
        for drinker in drinkers:
            drinker.join()
        assert server.stop() == 0
    assert [wrong for drinker in drinkers for wrong in drinker.wrong] == []
    assert len(victims) == kills
