"""The organizations that several files of tests begin with; a file whose own differs defines it anew."""

from collections.abc import Iterator

import boto3
import pytest

from masugata.testing import LocalAws, local_aws
from organizations import join
from unit.services.organizations.calls import INVITED, made
from unit.services.organizations.company import Company
from unit.services.organizations.partners import Partners
from unit.services.organizations.shops import Shops


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An organization of its management account, a created account and an invited one."""
    with local_aws() as entered:
        boto3.client("organizations").create_organization()
        made()
        join(entered, INVITED)
        yield entered


@pytest.fixture
def company() -> Iterator[Company]:
    """An organization of its management account and two others."""
    with local_aws() as entered:
        yield Company(entered)


@pytest.fixture
def partners() -> Iterator[Partners]:
    """An organization with all features, which has to do with others."""
    with local_aws() as entered:
        yield Partners(entered)


@pytest.fixture
def shops() -> Iterator[Shops]:
    """An organization with a unit of shops."""
    with local_aws() as entered:
        yield Shops(entered)
