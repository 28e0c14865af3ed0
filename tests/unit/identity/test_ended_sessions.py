"""Sessions that are over before their time: with the password that they began with, or a reset of root."""

import msgspec
import pytest

from masugata.errors import AwsError
from masugata.identity.authenticate import session_caller
from masugata.identity.caller import CallerKind
from masugata.records.account import ACCOUNT
from masugata.records.iam import LOGIN_PROFILE, LoginProfile
from unit.authorization.world import ACCOUNT_ID, ALICE, MADE, World, session


def holds(world, made):
    try:
        session_caller(made, world.records)
    except AwsError as error:
        if error.code != "InvalidClientTokenId":
            raise
        return False
    return True


@pytest.mark.parametrize(("kind", "owner"), [(CallerKind.USER, ALICE), (CallerKind.ROOT, ACCOUNT_ID)])
def test_the_password_s_generation(kind, owner):
    """A session lasts while its owner has a password of the same generation."""
    world = World()
    made = session(kind, owner, sign_in="one")
    assert not holds(world, made)
    profile = LoginProfile(owner_id=owner, create_date=MADE, change_date=MADE, hashes=b"", generation="one")
    world.put(LOGIN_PROFILE, profile)
    assert holds(world, made)
    world.put(LOGIN_PROFILE, msgspec.structs.replace(profile, generation="two"))
    assert not holds(world, made)
    assert holds(world, session(kind, owner))


def test_a_reset_of_root():
    """Sessions of root, and of whom it federated, that were issued before a reset are over."""
    world = World()
    root = session(CallerKind.ROOT, ACCOUNT_ID)
    federated = session(CallerKind.FEDERATED, ACCOUNT_ID, name="taro")
    assert holds(world, root)
    assert holds(world, federated)
    account = world.records.get(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID)
    world.put(ACCOUNT, msgspec.structs.replace(account, root_reset=root.issued))
    assert not holds(world, root)
    assert not holds(world, federated)
    assert holds(world, session(CallerKind.USER, ALICE))
    world.put(ACCOUNT, msgspec.structs.replace(account, root_reset=root.issued - 1))
    assert holds(world, root)
