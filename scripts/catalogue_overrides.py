"""Where an operation does not need just the action of its own name; reviewed by hand.

The rule it departs from: the operation `CreateUser` of a service whose requests are signed for `iam`
needs `iam:CreateUser`. build_catalogue.py refuses rows that only repeat the rule, and actions that
do not exist.
"""

OVERRIDES: dict[tuple[str, str], tuple[str, ...]] = {
    ("accessanalyzer", "GetFindingV2"): ("access-analyzer:GetFinding",),
    ("accessanalyzer", "ListFindingsV2"): ("access-analyzer:ListFindings",),
    # ListInsightsData only counts when a trail is named; asked for always, which errs towards no
    ("cloudtrail", "ListInsightsMetricData"): ("cloudtrail:LookupEvents", "cloudtrail:ListInsightsData"),
    ("kms", "ReEncrypt"): ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
}

# Operations for which AWS publishes no action yet. They get no entry, so they are denied.
UNPUBLISHED: frozenset[tuple[str, str]] = frozenset(
    {
        ("iam", "AcquireRole"),
        ("iam", "UpdateDelegationRequest"),
    }
)
