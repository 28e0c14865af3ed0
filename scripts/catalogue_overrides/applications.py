"""Messages, devices, models of language and vision, business applications.

Source, unless said otherwise: the text of each operation in its model.
"""

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
    "quicksight": {
        "UpdateResourcePermissions": "quicksight:UpdateResourcePermissions iam:PassRole",
    },
    "rekognition": {
        "CreateCollection": "rekognition:CreateCollection ?rekognition:TagResource",
        "CreateDataset": "rekognition:CreateDataset ?rekognition:ListDatasetEntries",
        "CreateStreamProcessor": "rekognition:CreateStreamProcessor ?rekognition:TagResource",
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
