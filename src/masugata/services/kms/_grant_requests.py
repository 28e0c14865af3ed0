"""What CreateGrant asks for, checked, as the grant that it would make.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NoReturn

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization.resources.kms import principal_arn
from masugata.authorization.stored_principals import stored_principal
from masugata.call import Call
from masugata.engines.keys import KEY_SPECS, SYMMETRIC_DEFAULT
from masugata.errors import AwsError
from masugata.records.account import ACCOUNT
from masugata.records.kms import Grant, Key
from masugata.services.kms._common import arn

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_PAIRS: Final = 8
_CHARACTERS: Final = 384  # of each constraint's keys and values together
_OF_ALL_KEYS: Final = frozenset({"CreateGrant", "DescribeKey", "RetireGrant"})
_BY_USAGE: Final[Mapping[str, frozenset[str]]] = {
    "ENCRYPT_DECRYPT": frozenset({"Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo"}),
    "SIGN_VERIFY": frozenset({"Sign", "Verify"}),
    "GENERATE_VERIFY_MAC": frozenset({"GenerateMac", "VerifyMac"}),
    "KEY_AGREEMENT": frozenset({"DeriveSharedSecret"}),
    "ENCAPSULATE_DECAPSULATE": frozenset({"Decapsulate", "Encapsulate"}),
}
_SYMMETRIC: Final = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    }
)
_SERVICES: Final = (".amazonaws.com", ".amazonaws.com.cn")


def requested_grant(
    call: Call, account: str, key: Key, request: "shapes.CreateGrantRequest", grant_id: str
) -> Grant:
    """The grant that is asked for; raises ValidationException and InvalidArnException."""
    grantee, of_service = _grantee(call, request)
    retiring, retiring_is_service = _retiring(call, request)
    constraints = request.get("Constraints") or {}
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    source_arn = constraints.get("SourceArn", "")
    if of_service and not (source_arn and retiring):
        _refuse(
            "A grant for a GranteeServicePrincipal needs the SourceArn grant constraint, and a "
            "RetiringPrincipal or RetiringServicePrincipal."
        )
    _check_context(call, account, key, equals, subset)
    return Grant(
        id=grant_id,
        key_id=key.id,
        creation_date=call.now,
        issuing_account=call.caller.home,
        grantee=grantee,
        grantee_is_service=of_service,
        retiring=retiring,
        retiring_is_service=retiring_is_service,
        operations=_operations(call, account, key, request),
        name=request.get("Name", ""),
        context_equals=equals,
        context_subset=subset,
        source_arn=source_arn,
    )


def known_principal(call: Call, principal: str) -> str:
    """A principal that was named by its ARN, or an account, as it is stored; raises InvalidArnException.

    Users, roles and accounts must be there: a grant to nobody would be for whoever comes next.
    """
    principal = principal_arn(principal, call.partition)
    try:
        account = parse_arn(principal).account
    except InvalidArnError:
        account = ""
    stored = stored_principal(call.records, principal, call.partition) if account else None
    if stored is None or call.records.get(ACCOUNT, account, account) is None:
        raise AwsError("InvalidArnException", f"ARN does not refer to a valid principal: {principal}", 400)
    return stored


def _grantee(call: Call, request: "shapes.CreateGrantRequest") -> tuple[str, bool]:
    """Who gets the grant, and whether it is a service."""
    principal, service = request.get("GranteePrincipal"), request.get("GranteeServicePrincipal")
    if (principal is None) == (service is None):
        _refuse("Specify either GranteePrincipal or GranteeServicePrincipal, but not both.")
    return (known_principal(call, principal), False) if principal else (_service(service or ""), True)


def _retiring(call: Call, request: "shapes.CreateGrantRequest") -> tuple[str, bool]:
    """Who may retire it beside others, empty for nobody, and whether it is a service."""
    principal, service = request.get("RetiringPrincipal"), request.get("RetiringServicePrincipal")
    if principal is not None and service is not None:
        _refuse("Specify either RetiringPrincipal or RetiringServicePrincipal, but not both.")
    if service is not None:
        return _service(service), True
    return ("" if principal is None else known_principal(call, principal)), False


def _service(name: str) -> str:
    if not name.endswith(_SERVICES):
        _refuse(f"`{name}` is not a service principal.")
    return name


def _operations(call: Call, account: str, key: Key, request: "shapes.CreateGrantRequest") -> tuple[str, ...]:
    """The operations, each once; all must be possible with the key."""
    operations = tuple(dict.fromkeys(request["Operations"]))
    if not operations:
        _refuse("Specify at least one of the grant operations.")
    possible = _OF_ALL_KEYS | _BY_USAGE[key.usage]
    if key.spec == SYMMETRIC_DEFAULT:
        possible |= _SYMMETRIC
    if KEY_SPECS[key.spec].asymmetric:
        possible |= {"GetPublicKey"}
    if impossible := [operation for operation in operations if operation not in possible]:
        _refuse(
            f"A grant of {arn(call, account, key)}, a key of the spec {key.spec} for {key.usage}, "
            f"cannot allow {', '.join(impossible)}."
        )
    return operations


def _check_context(
    call: Call, account: str, key: Key, equals: Mapping[str, str] | None, subset: Mapping[str, str] | None
) -> None:
    """What a grant requires of encryption contexts: only symmetric keys have them."""
    if equals is not None and subset is not None:
        _refuse("Specify either EncryptionContextEquals or EncryptionContextSubset, but not both.")
    if equals is None and subset is None:
        return
    if key.spec != SYMMETRIC_DEFAULT:
        _refuse(f"{arn(call, account, key)} has no encryption context that a grant could constrain.")
    pairs = (subset or {}) if equals is None else equals
    if len(pairs) > _PAIRS:
        _refuse(f"A grant constraint can have at most {_PAIRS} encryption context pairs.")
    if sum(len(name) + len(value) for name, value in pairs.items()) > _CHARACTERS:
        _refuse(f"The encryption context of a grant constraint must not exceed {_CHARACTERS} characters.")


def _refuse(message: str) -> NoReturn:
    raise AwsError("ValidationError", message, 400)
