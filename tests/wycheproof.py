"""Project Wycheproof's vectors, from an archive beside the repository; without it their tests are skipped.

They are C2SP/wycheproof, commit dac1dd4, Apache-2.0. A vector is `valid`, `invalid` or `acceptable`; what we
make of the last is for each test to say.
"""

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ARCHIVE = Path(__file__).parents[1].parent / "shared/data/kms/wycheproof.tar.xz"


class Vector(NamedTuple):
    """One test, and the group with the parameters and keys that it shares with others."""

    group: dict[str, Any]
    test: dict[str, Any]

    def bytes(self, name: str) -> bytes:
        """A value in hexadecimal digits, of the test or else its group; empty where there is none."""
        return bytes.fromhex(self.test.get(name) or self.group.get(name) or "")

    @property
    def flags(self) -> frozenset[str]:
        """What the vector is about."""
        return frozenset(self.test["flags"])

    @property
    def valid(self) -> bool:
        """Whether it must be accepted."""
        return self.test["result"] == "valid"


def vectors(name: str) -> Iterator[Vector]:
    """All vectors of one file; `name` without `_test.json`."""
    if not ARCHIVE.exists():
        pytest.skip("!! no Wycheproof vectors beside the repository: THE ALGORITHMS ARE NOT TESTED BY THEM")
    content = json.loads(_files()[f"{name}_test.json"])
    found = [Vector(group, test) for group in content["testGroups"] for test in group["tests"]]
    assert len(found) == content["numberOfTests"]
    return iter(found)


@cache
def _files() -> dict[str, bytes]:
    with tarfile.open(ARCHIVE) as archive:
        members = [member for member in archive.getmembers() if member.name.endswith(".json")]
        return {Path(member.name).name: archive.extractfile(member).read() for member in members}
