"""The pytest plugin: fixtures `masugata` and `masugata_server`, marker `masugata`.

It is loaded into every pytest run where masugata is installed, so it imports nothing that is heavy.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from masugata.testing.entry import local_aws

if TYPE_CHECKING:
    from masugata.testing.aws import LocalAws
    from masugata.testing.server_process import ServerProcess

_MARKER = "masugata"
_FIXTURES = frozenset({"masugata", "masugata_server"})


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, for --strict-markers."""
    config.addinivalue_line(
        "markers",
        "masugata(*, account=…, region=…, limits=…, organization=…): run inside an in-process masugata, also "
        "without its fixture",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """A marked test is inside, whether or not it asks for a fixture: the mark must never do nothing."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None or _FIXTURES.intersection(names) or item.get_closest_marker(_MARKER) is None:
        return
    names.insert(0, "masugata")


@pytest.fixture
def masugata(request: pytest.FixtureRequest) -> "Iterator[LocalAws]":
    """Masugata in this process: boto3 clients talk to it, and nothing leaves the machine."""
    with local_aws(**_options(request)) as aws:
        yield aws


@pytest.fixture
def masugata_server(request: pytest.FixtureRequest, tmp_path: Any) -> "Iterator[ServerProcess]":
    """A masugata server on a port of its own, for programs in other processes and languages."""
    from masugata.testing.server_process import server_process  # noqa: PLC0415  imports the server

    if "masugata" in request.fixturenames:
        raise TypeError("a test uses `masugata` or `masugata_server`: the first catches calls of the second")
    folder = tmp_path / "masugata"
    folder.mkdir(mode=0o700)
    with server_process(folder, **_options(request)) as server:
        yield server


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the closest marker says."""
    marker = request.node.get_closest_marker(_MARKER)
    if marker is None:
        return {}
    if marker.args:
        raise TypeError(
            f"`@pytest.mark.masugata` takes `account=`, `region=`, `limits=` and `organization=`, not "
            f"{marker.args!r}"
        )
    return dict(marker.kwargs)
