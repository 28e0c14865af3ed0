"""Messages, devices, models of language and vision, business applications.

Source, unless said otherwise: the text of each operation in its model.
"""

_PEERING = (
    "ec2:AcceptVpcPeeringConnection ec2:AuthorizeSecurityGroupEgress ec2:AuthorizeSecurityGroupIngress "
    "ec2:CreateRoute ec2:DescribeRouteTables ec2:DescribeSecurityGroups"
)

APPLICATIONS: dict[str, dict[str, str]] = {
    "bedrock-agent-runtime": {"RetrieveAndGenerateStream": "bedrock:RetrieveAndGenerate"},
    "bedrock-agentcore": {
        "InvokeAgentRuntime": "bedrock-agentcore:InvokeAgentRuntime "
        "?bedrock-agentcore:InvokeAgentRuntimeForUser",
    },
    "bedrock-runtime": {
        "Converse": "bedrock:InvokeModel",
        "ConverseStream": "bedrock:InvokeModelWithResponseStream",
        "StartAsyncInvoke": "bedrock:InvokeModel",
    },
    "connectcases": {
        "BatchCreateRelatedItem": "cases:CreateRelatedItem ?connect:DescribeUser",
        "BatchUpdateCase": "cases:UpdateCase ?connect:DescribeUser",
        "CreateCase": "cases:CreateCase ?connect:DescribeUser",
        "UpdateCase": "cases:UpdateCase ?connect:DescribeUser",
    },
    "continuum": {"UpdateIntegration": "continuum:UpdateIntegration ?iam:PassRole"},
    "gamelift": {
        "CreateVpcPeeringAuthorization": f"gamelift:CreateVpcPeeringAuthorization {_PEERING}",
        "CreateVpcPeeringConnection": f"gamelift:CreateVpcPeeringConnection {_PEERING}",
    },
    "iot": {"UpdatePackageConfiguration": "iot:UpdatePackageConfiguration iam:PassRole"},
    # https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html
    "iot-data": {"Publish": "iot:Publish ?iot:RetainPublish"},
    "iot-jobs-data": {"StartCommandExecution": "iot:StartCommandExecution"},
    "lexv2-models": {
        "ListUtteranceAnalyticsData": "lex:ListAggregatedUtterances",
        "ListUtteranceMetrics": "lex:ListAggregatedUtterances",
    },
    "marketplace-catalog": {"BatchDescribeEntities": "aws-marketplace:DescribeEntity"},
    "qapps": {"CreatePresignedUrl": "qapps:ImportDocument"},
    "qconnect": {
        "RegisterAssistantReplicaKey": "wisdom:RegisterAssistantReplicaKey kms:GenerateDataKey",
        "RegisterKnowledgeBaseReplicaKey": "wisdom:RegisterKnowledgeBaseReplicaKey kms:CreateGrant "
        "kms:GenerateDataKey",
    },
    "quicksight": {
        "UpdateResourcePermissions": "quicksight:UpdateResourcePermissions iam:PassRole",
    },
    "rekognition": {
        "CreateCollection": "rekognition:CreateCollection ?rekognition:TagResource",
        "CreateDataset": "rekognition:CreateDataset ?rekognition:ListDatasetEntries",
        "CreateStreamProcessor": "rekognition:CreateStreamProcessor ?rekognition:TagResource",
    },
    "sagemaker": {
        "DescribeModelCard": "sagemaker:DescribeModelCard ?kms:Decrypt",
        "DescribeModelPackage": "sagemaker:DescribeModelPackage ?kms:Decrypt",
    },
    "sagemaker-runtime": {
        "InvokeEndpointWithResponseStream": "sagemaker:InvokeEndpointWithResponseStream "
        "sagemaker:InvokeEndpoint",
    },
    # https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html
    "sns": {"PublishBatch": "sns:Publish"},
    # Amazon SQS's guide: "Amazon SQS API permissions: Actions and resource reference"
    "sqs": {
        "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
        "DeleteMessageBatch": "sqs:DeleteMessage",
        "SendMessageBatch": "sqs:SendMessage",
    },
}
