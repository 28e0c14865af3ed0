"""What the checks say of AWS's own managed policies; AWS keeps names in them that no longer exist."""

from collections import Counter, defaultdict

import pytest

from masugata.authorization import managed_policies
from masugata.engines.policy.validation import FindingType
from unit.engines.policy.validation.knowing import check

# Code → in how many policies, and why that is true of them. A change of the snapshot or of the catalogue may
# change the numbers; a change of a check must not without a reason.
ERRORS = {
    "INVALID_ACTION": (7, "actions that AWS removed, or never published"),
    "INVALID_ARN_RESOURCE": (42, "`logs` groups without `log-group:`, `statemachine` for `stateMachine` …"),
    "INVALID_GLOBAL_CONDITION_KEY": (1, "`aws:PrincipalOrgMasterAccountId`, which is internal to AWS"),
    "INVALID_SERVICE": (2, "keys of DeepRacer, which is retired"),
    "INVALID_SERVICE_CONDITION_KEY": (1, "`lakeformation:GlueARN`, which the reference lacks"),
    "INVALID_SERVICE_IN_ACTION": (27, "CodeStar, Evidently, IoT Events …, which are retired"),
    "MISSING_ARN_ACCOUNT": (1, "`arn:aws:kms:*::*`, which no key has"),
    "MISSING_QUALIFIER": (3, "`events:detail-type` without ForAnyValue"),
    "POLICY_REFUSED": (
        1,
        "a variable in the account of an ARN, which AWS may write and its customers may not",
    ),
    "UNSUPPORTED_ACTION_FOR_CONDITION_KEY": (24, "listing actions under keys that only others have"),
}


@pytest.fixture(scope="module")
def found():
    """Type and code → names of the policies."""
    names = defaultdict(set)
    for policy in managed_policies.all_policies():
        for finding in check(policy.document()):
            names[finding.type, finding.code].add(policy.name)
    return names


def test_every_error_is_a_known_one(found) -> None:
    """Every error in AWS's own policies was looked at, and is one."""
    errors = {code: len(names) for (kind, code), names in found.items() if kind is FindingType.ERROR}
    assert errors == {code: count for code, (count, _) in ERRORS.items()}


def test_those_that_aws_lists_itself_are_found(found) -> None:
    """AWS's page names some of its policies that have findings; those still in that state are found here."""
    expected = {
        "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": {"AdministratorAccess", "IAMFullAccess"},
        "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE": {"AdministratorAccess", "IAMFullAccess"},
        "CREATE_SLR_WITH_STAR_IN_RESOURCE": {"PowerUserAccess"},
        "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA": {"ReadOnlyAccess", "AWSSupportServiceRolePolicy"},
        "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": {"AmazonSecurityLakeAdministrator"},
    }
    by_code = {code: names for (_, code), names in found.items()}
    for code, names in expected.items():
        assert names <= by_code[code]


def test_most_have_nothing_grave(found) -> None:
    """Nine of ten policies have neither error nor security warning."""
    grave = Counter(
        name
        for (kind, _), names in found.items()
        if kind in (FindingType.ERROR, FindingType.SECURITY_WARNING)
        for name in names
    )
    assert len(grave) < len(managed_policies.all_policies()) / 10
