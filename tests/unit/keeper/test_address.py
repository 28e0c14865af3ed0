"""Who is at the other end of the keeper's socket."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from masugata.keeper import KeeperError
from masugata.keeper.address import connect

NOBODY = 65534
BIND = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
os.setuid(int(sys.argv[2]))
listener.bind(sys.argv[1])
listener.listen()
print("listens", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place():
    """A folder where anybody may write; not below the tests' own, where a stranger could not go."""
    with tempfile.TemporaryDirectory(prefix="masugata-") as folder:
        Path(folder).chmod(0o1777)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("owner", ["stranger", "keeper"])
def test_strangers_are_not_asked(owner, place):
    """In a folder where anybody may write, nobody takes the keeper's place; in his own he is it."""
    if owner == "keeper":
        os.chown(place, NOBODY, -1)
    path = place / "keeper.sock"
    with subprocess.Popen(
        [sys.executable, "-c", BIND, str(path), str(NOBODY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"listens\n"
            if owner == "keeper":
                connect(path, 10.0).close()
            else:
                with pytest.raises(KeeperError, match=f"is of user {NOBODY}, who does not own"):
                    connect(path, 10.0)
        finally:
            process.stdin.close()
