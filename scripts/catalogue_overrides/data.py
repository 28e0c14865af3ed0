"""Databases, streams, analytics and search.

Source, unless said otherwise: the text of each operation in its model.
"""

# Which of them a statement needs is in the statement.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
_PARTIQL = "dynamodb:PartiQLSelect dynamodb:PartiQLInsert dynamodb:PartiQLUpdate dynamodb:PartiQLDelete"
# "One of the following, depending on the query"; explaining and profiling may run it.
# https://docs.aws.amazon.com/neptune/latest/userguide/iam-dp-actions.html
_NEPTUNE_QUERY = "neptune-db:ReadDataViaQuery neptune-db:WriteDataViaQuery neptune-db:DeleteDataViaQuery"
_REDSHIFT_CREDENTIALS = (
    "?redshift:GetClusterCredentials ?redshift:GetClusterCredentialsWithIAM "
    "?redshift-serverless:GetCredentials ?secretsmanager:GetSecretValue"
)
_BATCH_OF_PRICES = "bcm-pricing-calculator:"
_APPLICATION_AUTO_SCALING = (
    "application-autoscaling:DescribeScalableTargets application-autoscaling:DescribeScalingPolicies"
)

DATA: dict[str, dict[str, str]] = {
    "bcm-pricing-calculator": {
        f"Batch{name}": _BATCH_OF_PRICES + name
        for name in (
            "CreateBillScenarioCommitmentModification",
            "CreateBillScenarioUsageModification",
            "CreateWorkloadEstimateUsage",
            "DeleteBillScenarioCommitmentModification",
            "DeleteBillScenarioUsageModification",
            "DeleteWorkloadEstimateUsage",
            "UpdateBillScenarioCommitmentModification",
            "UpdateBillScenarioUsageModification",
            "UpdateWorkloadEstimateUsage",
        )
    },
    # The three actions of the document service are written in lower case.
    # https://docs.aws.amazon.com/cloudsearch/latest/developerguide/configuring-access.html
    "cloudsearchdomain": {"UploadDocuments": "cloudsearch:document"},
    "dms": {
        "DescribeDataProviders": "dms:ListDataProviders",
        "DescribeExtensionPackAssociations": "dms:ListExtensionPacks",
        "DescribeInstanceProfiles": "dms:ListInstanceProfiles",
        "DescribeMetadataModelAssessments": "dms:ListMetadataModelAssessments",
        "DescribeMetadataModelConversions": "dms:ListMetadataModelConversions",
        "DescribeMetadataModelExportsAsScript": "dms:ListMetadataModelExports",
        "DescribeMetadataModelExportsToTarget": "dms:ListMetadataModelExports",
        "DescribeMigrationProjects": "dms:ListMigrationProjects",
        "ModifyConversionConfiguration": "dms:UpdateConversionConfiguration",
        "ModifyDataProvider": "dms:UpdateDataProvider",
        "ModifyInstanceProfile": "dms:UpdateInstanceProfile",
        "ModifyMigrationProject": "dms:UpdateMigrationProject",
        "StartExtensionPackAssociation": "dms:AssociateExtensionPack",
        "StartMetadataModelExportAsScript": "dms:StartMetadataModelExportAsScripts",
    },
    "dsql": {
        "CreateCluster": "dsql:CreateCluster ?dsql:AddPeerCluster ?dsql:PutMultiRegionProperties "
        "?dsql:PutWitnessRegion ?dsql:TagResource",
        "CreateStream": "dsql:CreateStream ?iam:PassRole ?kms:Decrypt",
        "UpdateCluster": "dsql:UpdateCluster ?dsql:AddPeerCluster ?dsql:GetCluster "
        "?dsql:PutMultiRegionProperties ?dsql:PutWitnessRegion ?dsql:RemovePeerCluster",
    },
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
    "dynamodb": {
        "BatchExecuteStatement": _PARTIQL,
        "ExecuteStatement": _PARTIQL,
        "ExecuteTransaction": f"{_PARTIQL} ?dynamodb:ConditionCheckItem",
        "TransactGetItems": "dynamodb:GetItem",
        "TransactWriteItems": "dynamodb:ConditionCheckItem dynamodb:DeleteItem dynamodb:PutItem "
        "dynamodb:UpdateItem",
        "UpdateTable": "dynamodb:UpdateTable ?dynamodb:DisassociateTableReplica",
    },
    "glue": {
        "CreateConnection": "glue:CreateConnection ?glue:PassConnection",
        "GetUnfilteredPartitionMetadata": "glue:GetPartition",
        "GetUnfilteredPartitionsMetadata": "glue:GetPartitions",
        "GetUnfilteredTableMetadata": "glue:GetTable",
    },
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_keyspaces.html
    "keyspaces": {
        "CreateKeyspace": "cassandra:Create ?cassandra:CreateMultiRegionResource ?cassandra:TagResource",
        "CreateTable": "cassandra:Create ?cassandra:CreateMultiRegionResource ?cassandra:TagResource",
        "CreateType": "cassandra:Create ?cassandra:CreateMultiRegionResource",
        "DeleteKeyspace": "cassandra:Drop ?cassandra:DropMultiRegionResource",
        "DeleteTable": "cassandra:Drop ?cassandra:DropMultiRegionResource",
        "DeleteType": "cassandra:Drop ?cassandra:DropMultiRegionResource",
        "GetKeyspace": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "GetTable": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "GetTableAutoScalingSettings": _APPLICATION_AUTO_SCALING,
        "GetType": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "ListKeyspaces": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "ListTables": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "ListTagsForResource": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        "ListTypes": "cassandra:Select ?cassandra:SelectMultiRegionResource",
        # adding a Region needs all of them; nothing less is published
        "UpdateKeyspace": "cassandra:Alter cassandra:AlterMultiRegionResource cassandra:Create "
        "cassandra:CreateMultiRegionResource cassandra:Select cassandra:SelectMultiRegionResource "
        "cassandra:Modify cassandra:ModifyMultiRegionResource "
        f"{_APPLICATION_AUTO_SCALING} application-autoscaling:RegisterScalableTarget "
        "application-autoscaling:DeregisterScalableTarget application-autoscaling:PutScalingPolicy",
    },
    "kinesis": {
        "CreateChannel": "kinesis:CreateChannel ?iam:PassRole",
        "CreateStream": "kinesis:CreateStream ?kinesis:AddTagsToStream ?kinesis:TagResource",
        "RegisterStreamConsumer": "kinesis:RegisterStreamConsumer ?kinesis:TagResource",
    },
    "lakeformation": {
        "AssumeDecoratedRoleWithSAML": "lakeformation:GetDataAccess",
        "GetGlueFunctionSessionContext": "lakeformation:GetDataAccess",
        "GetTemporaryGlueTableCredentials": "lakeformation:GetTemporaryGlueTableCredentials "
        "?lakeformation:GetDataAccess",
    },
    "neptune-graph": {
        "ExecuteQuery": "neptune-graph:ReadDataViaQuery neptune-graph:WriteDataViaQuery "
        "neptune-graph:DeleteDataViaQuery",
        "GetQuery": "neptune-graph:GetQueryStatus",
    },
    "neptunedata": {
        "CancelGremlinQuery": "neptune-db:CancelQuery",
        "CancelOpenCypherQuery": "neptune-db:CancelQuery",
        "DeletePropertygraphStatistics": "neptune-db:DeleteStatistics",
        "DeleteSparqlStatistics": "neptune-db:DeleteStatistics",
        "ExecuteFastReset": "neptune-db:ResetDatabase",
        "ExecuteGremlinExplainQuery": _NEPTUNE_QUERY,
        "ExecuteGremlinProfileQuery": _NEPTUNE_QUERY,
        "ExecuteGremlinQuery": _NEPTUNE_QUERY,
        "ExecuteOpenCypherExplainQuery": _NEPTUNE_QUERY,
        "ExecuteOpenCypherQuery": _NEPTUNE_QUERY,
        "GetGremlinQueryStatus": "neptune-db:GetQueryStatus",
        "GetMLDataProcessingJob": "neptune-db:GetMLDataProcessingJobStatus",
        "GetMLEndpoint": "neptune-db:GetMLEndpointStatus",
        "GetMLModelTrainingJob": "neptune-db:GetMLModelTrainingJobStatus",
        "GetMLModelTransformJob": "neptune-db:GetMLModelTransformJobStatus",
        "GetOpenCypherQueryStatus": "neptune-db:GetQueryStatus",
        "GetPropertygraphStatistics": "neptune-db:GetStatisticsStatus",
        "GetPropertygraphStream": "neptune-db:GetStreamRecords",
        "GetPropertygraphSummary": "neptune-db:GetGraphSummary",
        "GetRDFGraphSummary": "neptune-db:GetGraphSummary",
        "GetSparqlStatistics": "neptune-db:GetStatisticsStatus",
        "GetSparqlStream": "neptune-db:GetStreamRecords",
        "ListGremlinQueries": "neptune-db:GetQueryStatus",
        "ListOpenCypherQueries": "neptune-db:GetQueryStatus",
        "ManagePropertygraphStatistics": "neptune-db:ManageStatistics",
        "ManageSparqlStatistics": "neptune-db:ManageStatistics",
    },
    "redshift": {
        "GetClusterCredentials": "redshift:GetClusterCredentials ?redshift:CreateClusterUser "
        "?redshift:JoinGroup",
    },
    "redshift-data": {
        name: f"redshift-data:{name} {_REDSHIFT_CREDENTIALS}"
        for name in (
            "BatchExecuteStatement",
            "DescribeTable",
            "ExecuteStatement",
            "ListDatabases",
            "ListSchemas",
            "ListTables",
        )
    },
    # https://docs.aws.amazon.com/timestream/latest/developerguide/security_iam_service-with-iam.html
    "timestream-query": {"Query": "timestream:Select timestream:SelectValues ?timestream:Unload"},
}
