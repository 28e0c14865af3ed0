"""How ARNs are made from requests where names alone do not say it; reviewed by hand.

Service → operation, or `*` for all operations → resource type → sources, separated by spaces. A source is an
ARN in which `{Member}` is a member of the request and `${Variable}` is given by whoever asks (Partition,
Region, Account and, by service, those in GIVEN), or a `{Member}` alone that carries a whole ARN;
`{Member:account}` takes 12 digits and nothing else. Of several sources those count whose members are in the
request and whose ARN has the form of the type. A type may be written with its action before it, where an
operation has two.

`-` for sources: this optional type is never made, so that a request that names one denies. Nothing at all:
the operation stays open, since its resources are in records or deep in the request, and denies until the
service has a function for it.

A row of an operation goes before those for `*`, which count where the request has all members of a source.
"""

# What a service knows by itself, from its records or by a translation of the request.
GIVEN: dict[str, frozenset[str]] = {
    "account": frozenset({"ManagementAccountId", "OrganizationId"}),
    "inspector2": frozenset({"OwnerId"}),
    "organizations": frozenset({"OrganizationId"}),
    "securityhub": frozenset({"HubV2Id"}),
    "wafv2": frozenset({"Scope"}),
}

_ORGANIZATION = "arn:${Partition}:organizations::${Account}:"
_ACCOUNT = _ORGANIZATION + "account/o-${OrganizationId}/"
_UNIT = _ORGANIZATION + "ou/o-${OrganizationId}/"
_ROOT = _ORGANIZATION + "root/o-${OrganizationId}/"
_TAGGED = {"policy": "-", "resourcepolicy": "-", "responsibilitytransfer": "-"}
_KEY = "arn:${Partition}:kms:${Region}:${Account}:key/"
_WAF = "arn:${Partition}:wafv2:${Region}:${Account}:${Scope}/"
_HUB = "arn:${Partition}:securityhub:${Region}:${Account}:"
_REPORT = "arn:${Partition}:artifact:${Region}::report/{reportId}:{reportVersion}"

RESOURCES: dict[str, dict[str, dict[str, str]]] = {
    "account": {
        "*": {
            "accountInOrganization": "arn:${Partition}:account::${ManagementAccountId}"
            ":account/o-${OrganizationId}/{AccountId:account}",
        },
        "GetGovCloudAccountInformation": {"account": ""},
    },
    "artifact": {
        "*": {
            "compliance-inquiry": "arn:${Partition}:artifact:${Region}:${Account}"
            ":compliance-inquiry/{complianceInquiryId}",
            "report": _REPORT,
        },
    },
    "guardduty": {
        "*": {
            "publishingDestination": "arn:${Partition}:guardduty:${Region}:${Account}"
            ":detector/{DetectorId}/publishingDestination/{DestinationId}",
        },
    },
    "inspector2": {
        "*": {
            "CIS Scan Configuration": "{scanConfigurationArn}",
            "Code Security Integration": "{integrationArn}",
            "Code Security Scan Configuration": "{scanConfigurationArn}",
        },
    },
    "kms": {
        "CreateAlias": {
            "alias": "arn:${Partition}:kms:${Region}:${Account}:{AliasName}",
            "key": _KEY + "{TargetKeyId}",
        },
        "ReEncrypt": {
            "kms:ReEncryptFrom key": _KEY + "{SourceKeyId}",
            "kms:ReEncryptTo key": _KEY + "{DestinationKeyId}",
        },
        # the key that the alias names at present counts as well
        "UpdateAlias": {"key": ""},
    },
    "organizations": {
        "*": {
            "account": f"{_ACCOUNT}{{AccountId:account}} {_ACCOUNT}{{TargetId:account}} "
            f"{_ACCOUNT}{{ChildId:account}} {_ACCOUNT}{{ResourceId:account}}",
            "organizationalunit": f"{_UNIT}{{OrganizationalUnitId}} {_UNIT}{{ParentId}} {_UNIT}{{TargetId}} "
            f"{_UNIT}{{ChildId}} {_UNIT}{{ResourceId}}",
            "root": f"{_ROOT}{{RootId}} {_ROOT}{{ParentId}} {_ROOT}{{TargetId}} {_ROOT}{{ResourceId}}",
        },
        "ListTagsForResource": _TAGGED,
        "MoveAccount": {"account": ""},
        "TagResource": _TAGGED,
        "UntagResource": _TAGGED,
    },
    "securityhub": {
        "*": {
            "automation-rule": "{AutomationRulesArns}",
            "automation-rulev2": _HUB + "automation-rulev2/{Identifier}",
            "connectorv2": _HUB + "connectorv2/{ConnectorId}",
        },
        "DeleteConfigurationPolicy": {"configuration-policy": _HUB + "configuration-policy/{Identifier}"},
        "GetConfigurationPolicy": {"configuration-policy": _HUB + "configuration-policy/{Identifier}"},
        "UpdateConfigurationPolicy": {"configuration-policy": _HUB + "configuration-policy/{Identifier}"},
    },
    "shield": {
        "DescribeProtection": {"protection": "arn:${Partition}:shield::${Account}:protection/{ProtectionId}"},
    },
    "wafv2": {
        "DeleteLoggingConfiguration": {"webacl": "{ResourceArn}"},
        "GetLoggingConfiguration": {"webacl": "{ResourceArn}"},
        # which web ACL that is, is in the association
        "GetWebACLForResource": {"webacl": ""},
        "ListResourcesForWebACL": {
            **dict.fromkeys(
                ("agentcore-gateway", "amplify-app", "apprunner", "userpool", "verified-access-instance"), "-"
            ),
            "webacl": "{WebACLArn}",
        },
        "PutLoggingConfiguration": {"webacl": "{LoggingConfiguration.ResourceArn}"},
        "UpdateManagedRuleSetVersionExpiryDate": {"managedruleset": _WAF + "managedruleset/{Name}/{Id}"},
    },
}
