"""The security services, and who administers them.

Source, unless said otherwise: the text of each operation in its model.
"""

_TAGGED_AT_CREATION = ("CreateAccount", "CreateGovCloudAccount", "CreateOrganizationalUnit", "CreatePolicy")

SECURITY: dict[str, dict[str, str]] = {
    "accessanalyzer": {
        "GetFindingV2": "access-analyzer:GetFinding",
        "ListFindingsV2": "access-analyzer:ListFindings",
    },
    # the action's name lacks the s
    "detective": {"ListOrganizationAdminAccounts": "detective:ListOrganizationAdminAccount"},
    "kms": {
        "CreateKey": "kms:CreateKey ?kms:TagResource",
        "ReEncrypt": "kms:ReEncryptFrom kms:ReEncryptTo",
        "ReplicateKey": "kms:ReplicateKey kms:CreateKey ?kms:TagResource",
    },
    "organizations": {
        **{name: f"organizations:{name} ?organizations:TagResource" for name in _TAGGED_AT_CREATION},
        "InviteAccountToOrganization": "organizations:InviteAccountToOrganization ?organizations:TagResource",
    },
    "secretsmanager": {
        "BatchGetSecretValue": "secretsmanager:BatchGetSecretValue secretsmanager:GetSecretValue "
        "?secretsmanager:ListSecrets ?kms:Decrypt",
        "CreateSecret": "secretsmanager:CreateSecret ?secretsmanager:TagResource "
        "?secretsmanager:ReplicateSecretToRegions ?secretsmanager:PutResourcePolicy ?kms:GenerateDataKey "
        "?kms:Decrypt",
        "GetSecretValue": "secretsmanager:GetSecretValue ?kms:Decrypt",
        "ReplicateSecretToRegions": "secretsmanager:ReplicateSecretToRegions ?kms:Decrypt ?kms:Encrypt "
        "?kms:GenerateDataKey",
        "RotateSecret": "secretsmanager:RotateSecret ?lambda:InvokeFunction",
        "StopReplicationToReplica": "secretsmanager:StopReplicationToReplica "
        "?secretsmanager:DeleteResourcePolicy",
        "UpdateSecret": "secretsmanager:UpdateSecret ?kms:Decrypt ?kms:Encrypt ?kms:GenerateDataKey",
        "ValidateResourcePolicy": "secretsmanager:ValidateResourcePolicy secretsmanager:PutResourcePolicy",
    },
    "securityhub": {
        "BatchUpdateFindingsV2": "securityhub:BatchUpdateFindings",
        "GetFindingStatisticsV2": "securityhub:GetAdhocInsightResults",
        "GetFindingsV2": "securityhub:GetFindings",
        "StartExportJobV2": "securityhub:StartExportJobV2 ?kms:Decrypt ?kms:GenerateDataKey",
    },
    "shield": {"AssociateDRTRole": "shield:AssociateDRTRole iam:PassRole"},
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html; the same for a source identity
    "sts": {
        "AssumeRole": "sts:AssumeRole ?sts:SetContext ?sts:SetSourceIdentity ?sts:TagSession",
        "AssumeRoleWithSAML": "sts:AssumeRoleWithSAML ?sts:SetSourceIdentity ?sts:TagSession",
        "AssumeRoleWithWebIdentity": "sts:AssumeRoleWithWebIdentity ?sts:SetSourceIdentity ?sts:TagSession",
        "GetFederationToken": "sts:GetFederationToken ?sts:TagSession",
    },
    "verifiedpermissions": {
        "BatchGetPolicy": "verifiedpermissions:GetPolicy",
        "BatchIsAuthorized": "verifiedpermissions:IsAuthorized",
        "BatchIsAuthorizedWithToken": "verifiedpermissions:IsAuthorizedWithToken",
    },
    "wafv2": {"GetWebACLForResource": "wafv2:GetWebACLForResource wafv2:GetWebACL"},
}
