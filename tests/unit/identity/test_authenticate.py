"""Who signed: keys and sessions on the state of the moment, and nobody else."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from masugata.errors import AwsError
from masugata.identity.authenticate import session_caller
from masugata.identity.caller import CallerKind
from masugata.records.account import ACCOUNT
from masugata.records.iam import ACCESS_KEY, ROLE, USER
from masugata.wire import HttpRequest
from unit.authorization.world import ACCOUNT_ID, ALICE, ALICE_KEY, IAM, OTHER_ID, ROOT_KEY, session
from unit.identity.door import SECRET, Door
from unit.identity.signed import NOW, SignersDoor, Way
from unit.wire.sigv4_client import ECDSA

INVALID = "The security token included in the request is invalid."


@pytest.fixture
def door() -> Door:
    """A world of the test's own."""
    return Door()


def test_user(door: Door) -> None:
    """A user's key makes the user the caller, with its path in the ARN."""
    caller = door.knock()
    assert caller.kind is CallerKind.USER
    assert (caller.arn, caller.user_id, caller.account) == (f"{IAM}user/staff/alice", ALICE, ACCOUNT_ID)
    assert (caller.issuer_arn, caller.issuer_id, caller.entity_name) == (caller.arn, ALICE, "alice")
    assert caller.session is None


def test_root(door: Door) -> None:
    """A key whose owner is the account makes the root user the caller."""
    caller = door.knock(ROOT_KEY)
    assert (caller.kind, caller.arn, caller.user_id) == (CallerKind.ROOT, f"{IAM}root", ACCOUNT_ID)


@pytest.mark.parametrize(
    ("kind", "issuer", "arn", "user_id"),
    [
        (CallerKind.ROOT, ACCOUNT_ID, f"{IAM}root", ACCOUNT_ID),
        (CallerKind.USER, ALICE, f"{IAM}user/staff/alice", ALICE),
        (
            CallerKind.ROLE_SESSION,
            "AROACOOKCOOKCOOKCOOKC",
            f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/Cook/hanako",
            "AROACOOKCOOKCOOKCOOKC:hanako",
        ),
        (
            CallerKind.FEDERATED,
            ALICE,
            f"arn:aws:sts::{ACCOUNT_ID}:federated-user/hanako",
            f"{ACCOUNT_ID}:hanako",
        ),
        (
            CallerKind.FEDERATED,
            ACCOUNT_ID,
            f"arn:aws:sts::{ACCOUNT_ID}:federated-user/hanako",
            f"{ACCOUNT_ID}:hanako",
        ),
    ],
)
def test_sessions(door: Door, kind: CallerKind, issuer: str, arn: str, user_id: str) -> None:
    """Each kind of temporary credentials makes the caller that AWS says it is."""
    key, secret, token = door.session(kind, issuer, name="hanako")
    caller = door.knock(key, secret, token=token)
    assert (caller.kind, caller.arn, caller.user_id) == (kind, arn, user_id)
    assert caller.access_key_id == key
    assert caller.session is not None


def test_unsigned(door: Door) -> None:
    """A request without any signature is told so."""
    with pytest.raises(AwsError) as caught:
        door.present(HttpRequest(method="POST", path="/", headers=(("host", "localhost"),)))
    assert caught.value.code == "MissingAuthenticationToken"


def test_wrong_secret(door: Door) -> None:
    """The key id alone opens nothing, and the answer does not hold the right secret."""
    assert SECRET not in door.refuses("SignatureDoesNotMatch", secret="b" * 40)


def test_unknown_key(door: Door) -> None:
    """A key id that was never issued is invalid, and keeps nothing in the cache."""
    assert door.refuses("InvalidClientTokenId", "AKIAQAAAAAAAAAAAAAAA") == INVALID
    assert door.keeper.derivations == 0


def test_signature_for_another_service(door: Door) -> None:
    """What was signed for STS is not good for IAM."""
    assert "correct service: 'iam'" in door.refuses("SignatureDoesNotMatch", service="sts")


def test_inactive_key(door: Door) -> None:
    """Inactive binds the next request although the signing key is cached, and Active opens again."""
    door.knock()
    door.key(ALICE_KEY, ALICE, active=False)
    assert door.refuses("InvalidClientTokenId") == INVALID
    door.key(ALICE_KEY, ALICE)
    door.knock()


def test_deleted_key(door: Door) -> None:
    """A deleted key is refused although its signing key is cached."""
    door.knock()
    door.world.delete(ACCESS_KEY, ALICE_KEY)
    assert door.refuses("InvalidClientTokenId") == INVALID


def test_key_of_a_deleted_user(door: Door) -> None:
    """A key that outlived its user belongs to nobody, least of all to root."""
    door.knock()
    door.world.delete(USER, "alice")
    assert door.refuses("InvalidClientTokenId") == INVALID


def test_key_is_not_inherited_by_a_namesake(door: Door) -> None:
    """A user made anew under the same name does not get the old one's keys."""
    door.knock()
    door.world.delete(USER, "alice")
    door.world.put(USER, msgspec.structs.replace(door.world.user, id="AIDANEWNEWNEWNEWNEWNE"))
    assert door.refuses("InvalidClientTokenId") == INVALID


def test_key_follows_a_rename(door: Door) -> None:
    """A user that was moved signs its next request under the new ARN."""
    door.knock()
    door.world.change_user(path="/elsewhere/")
    assert door.knock().arn == f"{IAM}user/elsewhere/alice"


def test_key_of_an_account_that_is_gone(door: Door) -> None:
    """Without its account a user is nobody."""
    door.knock()
    door.knock(ROOT_KEY)
    door.world.delete(ACCOUNT, ACCOUNT_ID)
    assert door.refuses("InvalidClientTokenId") == INVALID
    assert door.refuses("InvalidClientTokenId", ROOT_KEY) == INVALID


def test_signing_key_is_derived_once(door: Door) -> None:
    """The keeper is asked once for each day, Region and service of a key."""
    for region in ("eu-west-1", "eu-west-1", "us-east-1", "eu-west-1"):
        door.knock(region=region)
    assert door.keeper.derivations == 2


def test_signing_keys_are_bounded() -> None:
    """The cache forgets the oldest, and works on."""
    door = Door(cache_size=2)
    for region in ("a", "b", "c", "c", "b", "a"):
        door.knock(region=region)
    assert door.keeper.derivations == 4


def test_stranger_pushes_no_signing_key_out() -> None:
    """Who knows a key id and no secret can ask for every Region, and the keys in use stay."""
    door = Door(cache_size=2)
    door.knock()
    for region in ("a", "b", "c", "d"):
        door.refuses("SignatureDoesNotMatch", secret="b" * 40, region=region)
    derived = door.keeper.derivations
    door.knock()
    assert door.keeper.derivations == derived


def test_public_key_is_derived_once() -> None:
    """SigV4a's public key holds for every day and Region, and for one sealed secret only."""
    door = SignersDoor()
    way = Way(ECDSA, presigned=False, temporary=False)
    for region in ("eu-west-1", "us-east-1", "*"):
        door.admit(door.sign(way, region=region))
    door.admit(door.sign(way, now=NOW + timedelta(days=1)), NOW + timedelta(days=1))
    assert door.keeper.derivations == 1
    door.key(ALICE_KEY, ALICE, "b" * 40)
    assert door.refuse(door.sign(way)).code == "SignatureDoesNotMatch"
    door.key(ALICE_KEY, ALICE, active=False)
    assert door.refuse(door.sign(way)).code == "InvalidClientTokenId"


def test_public_key_of_a_swapped_secret() -> None:
    """A sealed secret that was moved to another row gives no public key either."""
    door = SignersDoor()
    record = door.world.records.get(ACCESS_KEY, ACCOUNT_ID, ALICE_KEY)
    assert record is not None
    door.world.put(ACCESS_KEY, msgspec.structs.replace(record, secret=b"moved"))
    assert door.refuse(door.sign(Way(ECDSA, presigned=True, temporary=False))).code == "InvalidClientTokenId"


def test_new_secret_under_the_same_key_id(door: Door) -> None:
    """After a change of the secret the old one is refused and the new one accepted."""
    door.knock()
    door.key(ALICE_KEY, ALICE, secret="b" * 40)
    door.refuses("SignatureDoesNotMatch")
    door.knock(secret="b" * 40)


def test_swapped_secret_is_noticed(door: Door) -> None:
    """A sealed secret that was moved to another key's row opens nothing, cached or not."""
    door.knock()
    record = door.world.records.get(ACCESS_KEY, ACCOUNT_ID, ALICE_KEY)
    assert record is not None
    moved = msgspec.structs.replace(record, id=ROOT_KEY, owner_id=ACCOUNT_ID)
    door.world.put(ACCESS_KEY, moved)
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        door.knock(ROOT_KEY)


def test_session_expires(door: Door) -> None:
    """A session is good until its last second, and expired from then on."""
    now = int(datetime.now(UTC).timestamp())
    for expires, good in ((now + 100, True), (now, False), (now - 100, False)):
        key, secret, token = door.session(CallerKind.USER, ALICE, expires=expires)
        if good:
            door.knock(key, secret, token=token)
        else:
            message = door.refuses("ExpiredToken", key, secret, token=token)
            assert message == "The security token included in the request is expired"


def test_wrong_secret_of_an_expired_session(door: Door) -> None:
    """Only who holds the secret learns that a session has expired."""
    key, _, token = door.session(CallerKind.USER, ALICE, expires=1)
    door.refuses("SignatureDoesNotMatch", key, "b" * 40, token=token)


def test_temporary_key_without_its_token(door: Door) -> None:
    """A temporary key id alone is not known."""
    key, secret, _ = door.session(CallerKind.USER, ALICE)
    assert door.refuses("InvalidClientTokenId", key, secret) == INVALID


def test_long_term_key_with_a_token(door: Door) -> None:
    """A token does not go with a long-term key, not even with its own user's."""
    _, _, token = door.session(CallerKind.USER, ALICE)
    assert door.refuses("InvalidClientTokenId", token=token) == INVALID


def test_session_ends_with_its_issuer(door: Door) -> None:
    """A deleted user's or role's sessions are invalid, also once a namesake exists."""
    user = door.session(CallerKind.USER, ALICE)
    federated = door.session(CallerKind.FEDERATED, ALICE, name="taro")
    role = door.session(CallerKind.ROLE_SESSION, door.world.role.id, name="hanako")
    door.world.delete(USER, "alice")
    door.world.delete(ROLE, "cook")
    for again in (False, True):
        if again:
            door.world.put(USER, msgspec.structs.replace(door.world.user, id="AIDANEWNEWNEWNEWNEWNE"))
            door.world.put(ROLE, msgspec.structs.replace(door.world.role, id="AROANEWNEWNEWNEWNEWNE"))
        for key, secret, token in (user, federated, role):
            assert door.refuses("InvalidClientTokenId", key, secret, token=token) == INVALID


def test_session_outlives_the_key_it_was_made_with(door: Door) -> None:
    """As in AWS, temporary credentials last until they expire, whatever becomes of the key."""
    key, secret, token = door.session(CallerKind.USER, ALICE)
    door.world.delete(ACCESS_KEY, ALICE_KEY)
    assert door.knock(key, secret, token=token).arn == f"{IAM}user/staff/alice"


def test_session_follows_a_rename(door: Door) -> None:
    """A session is bound to the user's id: after a rename it acts under the new name."""
    key, secret, token = door.session(CallerKind.USER, ALICE)
    door.world.delete(USER, "alice")
    door.world.put(USER, msgspec.structs.replace(door.world.user, name="arisu", path="/"))
    caller = door.knock(key, secret, token=token)
    assert (caller.arn, caller.entity_name) == (f"{IAM}user/arisu", "arisu")


def test_session_of_another_account(door: Door) -> None:
    """A session that names one account and an issuer of another is refused."""
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        session_caller(session(CallerKind.USER, ALICE, account=OTHER_ID), door.world.records)


def test_root_session_of_an_account_that_is_gone(door: Door) -> None:
    """A root session needs its account."""
    caller = session(CallerKind.ROOT, ACCOUNT_ID)
    door.world.delete(ACCOUNT, ACCOUNT_ID)
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        session_caller(caller, door.world.records)


def test_confirm_reads_the_new_state(door: Door) -> None:
    """A confirmed caller is the one of now: renamed, or refused once its key is gone or switched off."""
    caller = door.knock()
    door.world.delete(USER, "alice")
    door.world.put(USER, msgspec.structs.replace(door.world.user, name="arisu"))
    assert door.authenticator.confirm(caller, door.world.records).entity_name == "arisu"
    door.key(ALICE_KEY, ALICE, active=False)
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        door.authenticator.confirm(caller, door.world.records)
    door.world.delete(ACCESS_KEY, ALICE_KEY)
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        door.authenticator.confirm(caller, door.world.records)


def test_confirm_of_a_session(door: Door) -> None:
    """A session's caller is confirmed by its issuer."""
    caller = door.world.cook()
    assert door.authenticator.confirm(caller, door.world.records) == caller
    door.world.delete(ROLE, "cook")
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        door.authenticator.confirm(caller, door.world.records)


def test_partition_is_the_accounts(door: Door) -> None:
    """In another partition all ARNs name it."""
    account = door.world.records.get(ACCOUNT, ACCOUNT_ID, ACCOUNT_ID)
    assert account is not None
    door.world.put(ACCOUNT, msgspec.structs.replace(account, partition="aws-cn"))
    assert door.knock().arn == f"arn:aws-cn:iam::{ACCOUNT_ID}:user/staff/alice"
    assert door.world.cook().arn.startswith("arn:aws-cn:sts::")
