"""Compute, networks, API front doors, delivery, management and cost.

Source, unless said otherwise: the text of each operation in its model.
"""

# AWS publishes no finer actions for reading and changing budgets.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_budgets.html
_BUDGETS_READ = (
    "DescribeBudget",
    "DescribeBudgetNotificationsForAccount",
    "DescribeBudgetPerformanceHistory",
    "DescribeBudgets",
    "DescribeNotificationsForBudget",
    "DescribeSubscribersForNotification",
)
_BUDGETS_WRITE = (
    "CreateNotification",
    "CreateSubscriber",
    "DeleteBudget",
    "DeleteNotification",
    "DeleteSubscriber",
    "UpdateBudget",
    "UpdateNotification",
    "UpdateSubscriber",
)
_BROKER_NETWORK = (
    "ec2:CreateNetworkInterface ec2:CreateNetworkInterfacePermission ec2:DeleteNetworkInterface "
    "ec2:DeleteNetworkInterfacePermission ec2:DetachNetworkInterface ec2:DescribeInternetGateways "
    "ec2:DescribeNetworkInterfaces ec2:DescribeNetworkInterfacePermissions ec2:DescribeRouteTables "
    "ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs"
)
_CERTIFICATES = "?apigateway:AddCertificateToDomain ?apigateway:RemoveCertificateFromDomain"

INFRASTRUCTURE: dict[str, dict[str, str]] = {
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
    "apigateway": {
        "CreateDomainName": "apigateway:POST ?apigateway:AddCertificateToDomain",
        "CreateRestApi": "apigateway:POST ?apigateway:UpdateRestApiPolicy",
        "ImportRestApi": "apigateway:POST ?apigateway:UpdateRestApiPolicy",
        "PutRestApi": "apigateway:PUT ?apigateway:UpdateRestApiPolicy",
        "UpdateDomainName": f"apigateway:PATCH {_CERTIFICATES}",
        "UpdateRestApi": "apigateway:PATCH ?apigateway:UpdateRestApiPolicy",
        "UpdateStage": "apigateway:PATCH ?apigateway:SetWebACL",
    },
    # API Gateway's guide: "Control access to WebSocket APIs with AWS IAM roles"
    "apigatewaymanagementapi": {
        "DeleteConnection": "execute-api:ManageConnections",
        "GetConnection": "execute-api:ManageConnections",
        "PostToConnection": "execute-api:ManageConnections",
    },
    "apigatewayv2": {
        "CreateDomainName": "apigateway:POST ?apigateway:AddCertificateToDomain",
        "PutRoutingRule": "apigateway:UpdateRoutingRule",
        "UpdateDomainName": f"apigateway:PATCH {_CERTIFICATES}",
    },
    "batch": {
        "CancelJobs": "batch:CancelJob",
        "TerminateJobs": "batch:TerminateJob",
        "TerminateServiceJobs": "batch:TerminateServiceJob",
    },
    "budgets": {
        "CreateBudget": "budgets:ModifyBudget ?budgets:TagResource",
        **dict.fromkeys(_BUDGETS_READ, "budgets:ViewBudget"),
        **dict.fromkeys(_BUDGETS_WRITE, "budgets:ModifyBudget"),
    },
    "cloudformation": {"GetHookResult": "cloudformation:GetHookResult ?kms:Decrypt"},
    "cloudfront": {"CreateDistributionWithTags": "cloudfront:CreateDistribution cloudfront:TagResource"},
    "cloudtrail": {
        # ListInsightsData only counts when a trail is named; asked for always, which errs towards no
        "ListInsightsMetricData": "cloudtrail:LookupEvents cloudtrail:ListInsightsData",
    },
    "cloudwatch": {"PutMetricStream": "cloudwatch:PutMetricStream ?iam:PassRole"},
    "codeartifact": {
        "GetAuthorizationToken": "codeartifact:GetAuthorizationToken sts:GetServiceBearerToken",
    },
    "ec2": {
        "AssociateEnclaveCertificateIamRole": "ec2:AssociateEnclaveCertificateIamRole ?kms:Decrypt "
        "?s3:GetObject",
    },
    "ecr": {"ListImageReferrers": "ecr:BatchGetImage"},
    "ecr-public": {
        "GetAuthorizationToken": "ecr-public:GetAuthorizationToken sts:GetServiceBearerToken",
    },
    "ecs": {
        "CreateGateway": "ecs:CreateGateway ?iam:PassRole",
        "UpdateGateway": "ecs:UpdateGateway ?iam:PassRole",
    },
    "elasticbeanstalk": {
        "UpdateTagsForResource": "elasticbeanstalk:UpdateTagsForResource ?elasticbeanstalk:AddTags "
        "?elasticbeanstalk:RemoveTags",
    },
    "events": {"PutRule": "events:PutRule ?events:TagResource ?iam:PassRole"},
    # https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html: lambda:InvokeFunction as well
    "lambda": {
        "GetLayerVersionByArn": "lambda:GetLayerVersion",
        "Invoke": "lambda:InvokeFunction",
        "InvokeAsync": "lambda:InvokeAsync lambda:InvokeFunction",
        "InvokeWithResponseStream": "lambda:InvokeFunction",
    },
    "logs": {
        "CreateImportTask": "logs:CreateImportTask iam:PassRole cloudtrail:GetEventDataStoreData "
        "?logs:CreateLogGroup ?logs:CreateLogStream ?logs:PutResourcePolicy ?kms:Decrypt "
        "?kms:GenerateDataKey",
        "DeleteAccountPolicy": "logs:DeleteAccountPolicy ?logs:DeleteDataProtectionPolicy "
        "?logs:DeleteIndexPolicy ?logs:DeleteRetentionPolicy ?logs:DeleteSubscriptionFilter "
        "?logs:DeleteTransformer",
        "DescribeAccountPolicies": "logs:DescribeAccountPolicies ?logs:DescribeIndexPolicies "
        "?logs:DescribeSubscriptionFilters ?logs:GetDataProtectionPolicy ?logs:GetTransformer",
        "PutAccountPolicy": "logs:PutAccountPolicy ?logs:PutDataProtectionPolicy ?logs:PutIndexPolicy "
        "?logs:PutRetentionPolicy ?logs:PutSubscriptionFilter ?logs:PutTransformer ?iam:PassRole",
        "PutDestination": "logs:PutDestination ?iam:PassRole",
        "PutSubscriptionFilter": "logs:PutSubscriptionFilter ?iam:PassRole",
    },
    "mq": {"CreateBroker": f"mq:CreateBroker {_BROKER_NETWORK}"},
    "resource-groups": {
        "CancelTagSyncTask": "resource-groups:CancelTagSyncTask resource-groups:DeleteGroup",
        "ListGroupResources": "resource-groups:ListGroupResources cloudformation:DescribeStacks "
        "cloudformation:ListStackResources tag:GetResources",
        "SearchResources": "resource-groups:SearchResources cloudformation:DescribeStacks "
        "cloudformation:ListStackResources tag:GetResources",
        "StartTagSyncTask": "resource-groups:StartTagSyncTask resource-groups:CreateGroup iam:PassRole",
    },
    "route53": {"CreateHostedZone": "route53:CreateHostedZone ?ec2:DescribeVpcs"},
    "servicecatalog": {
        "CreateProduct": "servicecatalog:CreateProduct ?cloudformation:GetTemplate",
        "CreateProvisioningArtifact": "servicecatalog:CreateProvisioningArtifact ?cloudformation:GetTemplate",
        "EnableAWSOrganizationsAccess": "servicecatalog:EnableAWSOrganizationsAccess "
        "organizations:EnableAWSServiceAccess",
        "ImportAsProvisionedProduct": "servicecatalog:ImportAsProvisionedProduct "
        "cloudformation:DescribeStacks cloudformation:GetTemplate",
    },
    "servicecatalog-appregistry": {
        "AssociateResource": "servicecatalog:AssociateResource resource-groups:AssociateResource "
        "cloudformation:DescribeStacks cloudformation:UpdateStack ?tag:GetResources ?tag:TagResources",
        "DisassociateResource": "servicecatalog:DisassociateResource resource-groups:DisassociateResource "
        "cloudformation:DescribeStacks cloudformation:UpdateStack ?tag:GetResources ?tag:UntagResources",
    },
    "ssm": {
        "DeregisterDefaultHostManagementConfiguration": "ssm:GetServiceSetting ssm:ResetServiceSetting "
        "?iam:DeleteRole",
        "RegisterDefaultHostManagementConfiguration": "ssm:GetServiceSetting ssm:UpdateServiceSetting "
        "iam:GetRole iam:PassRole ?iam:AttachRolePolicy ?iam:CreateRole",
        "UpdateAssociation": "ssm:UpdateAssociation ssm:DescribeAssociation",
    },
    "taxsettings": {
        "BatchGetTaxExemptions": "tax:GetExemptions",
        "GetTaxExemptionTypes": "tax:GetExemptions",
        "ListTaxExemptions": "tax:GetExemptions",
        "PutTaxExemption": "tax:UpdateExemptions",
    },
    "transfer": {"UpdateHostKey": "transfer:UpdateHostKey ?transfer:ExportHostKey"},
    "vpc-lattice": {"BatchUpdateRule": "vpc-lattice:UpdateRule"},
}
