"""An issuer on loopback, and an installation that trusts it."""

from collections.abc import Iterator

import pytest

from federation.issuer import AUDIENCE, Issuer
from support import House


@pytest.fixture(scope="session")
def shared_issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    """An issuer for tests that change nothing of it but what the fixture `issuer` puts back."""
    with Issuer(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture
def issuer(shared_issuer: Issuer) -> Iterator[Issuer]:
    """The issuer, as it was."""
    documents = dict(shared_issuer.documents)
    shared_issuer.asked.clear()
    yield shared_issuer
    shared_issuer.documents.clear()
    shared_issuer.documents.update(documents)
    shared_issuer.answers.clear()


@pytest.fixture(scope="session")
def trusting(tmp_path_factory: pytest.TempPathFactory, shared_issuer: Issuer) -> House:
    """An installation whose account trusts the issuer."""
    house = House(tmp_path_factory.mktemp("house"), private_issuers=[shared_issuer.host])
    house.client("iam").create_open_id_connect_provider(
        Url=shared_issuer.url, ClientIDList=[AUDIENCE], ThumbprintList=[shared_issuer.thumbprint]
    )
    return house
