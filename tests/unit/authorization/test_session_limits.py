"""What temporary credentials may not do, whatever the policies say."""

import msgspec
import pytest

from masugata.authorization.session_limits import check_session_limits
from masugata.errors import AwsError
from masugata.identity.caller import Caller, CallerKind
from masugata.services import SERVICES
from unit.authorization.world import ACCOUNT_ID, ALICE, OTHER_ID, World, session

WORLD = World()
CALLERS = {
    "user": WORLD.alice(),
    "root": WORLD.root(),
    "role": WORLD.cook(),
    "session token": WORLD.caller(CallerKind.USER, ALICE),
    "root's session token": WORLD.caller(CallerKind.ROOT, ACCOUNT_ID),
    "session token with MFA": WORLD.caller(CallerKind.USER, ALICE, mfa=1),
    "signed in with a password": msgspec.structs.replace(
        WORLD.alice(), session=session(CallerKind.USER, ALICE, sign_in="generation")
    ),
    "root for a task": WORLD.root_for_a_task(),
    "delegated access": WORLD.caller(CallerKind.USER, ALICE, delegate=OTHER_ID),
    "federated user": WORLD.federated(),
    "root's federated user": WORLD.federated(ACCOUNT_ID),
}
NO_TOKENS = {"GetSessionToken", "GetFederationToken"}
ONLY_ASSUME = set(SERVICES["sts"]) - {"AssumeRole", "GetCallerIdentity"}
NOTHING = set(SERVICES["sts"]) - {"GetCallerIdentity"}
# Whether IAM is closed, and what STS refuses; from AWS's comparison of the STS operations.
LIMITS: dict[str, tuple[bool, set[str]]] = {
    "user": (False, set()),
    "root": (False, set()),
    "role": (False, NO_TOKENS),
    "session token": (True, ONLY_ASSUME),
    "root's session token": (True, ONLY_ASSUME),
    "session token with MFA": (False, ONLY_ASSUME),
    "signed in with a password": (False, ONLY_ASSUME),
    "root for a task": (False, NOTHING),
    "delegated access": (False, NO_TOKENS),
    "federated user": (True, NOTHING),
    "root's federated user": (True, NOTHING),
}


def refusal(caller: Caller, service: str, operation: str) -> AwsError | None:
    """The error, or None."""
    try:
        check_session_limits(service, operation, caller)
    except AwsError as error:
        return error
    return None


@pytest.mark.parametrize("who", CALLERS)
def test_iam(who: str) -> None:
    """IAM is closed to sessions without MFA and to federated users, as if their token were unknown."""
    for operation in SERVICES["iam"]:
        error = refusal(CALLERS[who], "iam", operation)
        assert (error is not None) == LIMITS[who][0], operation
        assert error is None or error.code == "InvalidClientTokenId"


@pytest.mark.parametrize("who", CALLERS)
def test_sts(who: str) -> None:
    """Of STS, sessions have what AWS's table gives them."""
    refused = {name for name in SERVICES["sts"] if refusal(CALLERS[who], "sts", name) is not None}
    assert refused == LIMITS[who][1]
    for operation in refused:
        error = refusal(CALLERS[who], "sts", operation)
        assert error is not None
        assert (error.code, error.status) == ("AccessDenied", 403)
        assert error.message == f"Cannot call {operation} with session credentials"


@pytest.mark.parametrize("who", CALLERS)
def test_other_services(who: str) -> None:
    """Other services are a matter of policies."""
    assert refusal(CALLERS[who], "cloudtrail", "LookupEvents") is None
