"""The edge for longer: many requests over reloads and killed workers."""

import os
import random
import signal
from collections import Counter

import pytest

from edge_house import until
from edge_processes import EdgeProcess, Load, upstream

REQUESTS = int(os.environ.get("MASUGATA_TEST_EDGE_REQUESTS", "100000"))


@pytest.mark.nightly
def test_reloads_and_kills() -> None:
    """Over reloads no request is lost; a kill loses at most what was on its way; nothing is ever doubled."""
    choose = random.Random(7)
    rounds, kills = max(1, REQUESTS // 5_000), 0
    with upstream() as recorder, EdgeProcess(f"127.0.0.1:{recorder.port}", "--fail-open") as edge:
        with Load(edge.port) as load:
            for _ in range(rounds):
                load.wait_for(REQUESTS // rounds)
                if choose.random() < 0.5:
                    lost = len(load.lost)
                    edge.reload()
                    assert len(load.lost) == lost
                else:
                    before = edge.workers
                    os.kill(min(before), signal.SIGKILL)
                    kills += 1
                    until(lambda before=before: not edge.workers >= before and len(edge.workers) >= 2)
                    load.wait_for(10 * load.clients)
        came = Counter(request.target for request in recorder.requests)
        assert set(came.values()) == {1}
        assert set(load.answered) <= set(came)
        assert len(load.lost) <= 2 * load.clients * kills
