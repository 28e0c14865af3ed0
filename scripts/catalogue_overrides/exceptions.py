"""Operations without an action; they are denied. All others of a model need a row or follow the rule.

Those that a model itself says carry no IAM signature (`unsigned`, and `token` for services that take bearer
tokens) are found by build_catalogue.py and do not stand here.
"""

CLASSES: dict[str, str] = {
    "unpublished": "AWS's service authorization reference has no action for them (yet)",
    "retired": "They belong to a service or version that AWS has closed, and whose actions it has withdrawn",
    "token": "They take a token of the service itself, not an IAM signature",
    "unsigned": "They take no signature at all",
    "no permission": "AWS documents that it evaluates no IAM policy for them",
}

_UNPUBLISHED: dict[str, str] = {
    "agent-registry": "BatchGetDiscoverableRegistryRecord",
    "appstream": "DrainSessionInstance UpdateImageBuilder",
    "athena": """
        CreateSystemTableConfiguration DeleteSystemTableConfiguration GetSystemTableConfiguration
        ListSystemTableStatuses UpdateSystemTableConfiguration
    """,
    "bedrock-agent": """
        CreateVpcConfiguration DeleteVpcConfiguration GetVpcConfiguration ListVpcConfigurations
    """,
    "bedrock-agentcore": """
        DeleteDatasetGeneration GetAgentInsight GetDatasetGeneration InvokeBrowser ListAgentInsights
        ListDatasetGenerations StartDatasetGeneration UpdateAgentInsight
    """,
    "bedrock-agentcore-control": """
        GetAgentInsightStore ListAgentInsightStores RotatePaymentConnectorCredentials
        UpdateAgentInsightStore
    """,
    "bedrock-runtime": "InvokeModelWithBidirectionalStream",
    "cloudformation": "RemoveAlias SetAlias",
    "cloudfront": "ListDistributionsByOwnedResource",
    "cloudwatch": """
        AssociateDatasetKmsKey DeleteMetricDataQueryDefinition DescribeAlarmContributors
        DisassociateDatasetKmsKey GetMetricDataQueryDefinition ListMetricDataQueryDefinitions
        PutMetricDataQueryDefinition
    """,
    "cloudwatchomni": "GetSpaceDataAccess",
    "cognito-idp": """
        AdminListUserSessions AdminRevokeUserSession DescribeTermsByClient GetDerivedToken
        GetUserPoolClientSessionConfiguration GetUserPoolSessionConfiguration
        SetUserPoolClientSessionConfiguration SetUserPoolSessionConfiguration
    """,
    "connect": """
        AssociateHoursOfOperations CreateAuthCode CreateContactFlowAlias CreateTestCase
        DeleteAllEntitySessions DeleteContactData DeleteContactFlowAlias DeleteSession DeleteTestCase
        DescribeContactFlowAlias DescribeTestCase DisassociateHoursOfOperations
        GetTestCaseExecutionSummary ListChildHoursOfOperations ListContactFlowAliases
        ListReplicationFindings ListTestCaseExecutionRecords ListTestCaseExecutions ListTestCases
        SearchTestCases StartAssistantContact StartTestCaseExecution StopTestCaseExecution
        UpdateContactFlowAlias UpdateContactTaskTemplate UpdateOutboundEmailContactMessage UpdateTestCase
        UpdateUserConfig
    """,
    "connectcases": "GetMergeCasesStatus StartMergeCases",
    "connecthealth": """
        CreateDataset DeleteDataset GetDataset GetMedicalCodingJob ListDatasets StartMedicalCodingJob
        SubmitFeedback
    """,
    "connectscheduling": """
        ApproveTimeOff CancelTimeOff CreateTimeOff GetTimeOff PutTimeOffBalance RejectTimeOff
    """,
    "customer-profiles": "BatchPutProfileObject SearchRecommendations",
    "datazone": "UpdateRootDomainUnitOwner",
    "deadline": """
        BatchGetJob BatchGetSession BatchGetSessionAction BatchGetStep BatchGetTask BatchGetWorker
        BatchUpdateJob BatchUpdateTask
    """,
    "devops-agent": "GetChat UpdateChat",
    "docdb": "DescribeServerlessV2PlatformVersions",
    "dynamodb": "CancelBulkOperation DescribeBulkOperation ListBulkOperations StartBulkPutItems",
    "ec2": """
        AssociateKmsKeyId AssociateNetworkingFlexCostAllocationPolicy
        CreateCapacityReservationDateChangeQuote CreateMetricCategory
        CreateNetworkingFlexCostAllocationPolicy CreateTransitGatewayNetworkFunctionAttachment
        DeleteClientVpnEndpointAuthorizationPolicy DeleteMetricCategory
        DeleteNetworkingFlexCostAllocationPolicies DeleteTransitGatewayNetworkFunctionAttachment
        DescribeCapacityReservationDateChangeQuotes DescribeMetricCategories
        DescribeNetworkingFlexCostAllocationPolicies
        DescribeNetworkingFlexCostAllocationPolicyAssociations
        DescribeTransitGatewayNetworkFunctionAttachments DisassociateKmsKeyId
        DisassociateNetworkingFlexCostAllocationPolicy GetCapacityManagerSupportabilityScores
        GetClientVpnEndpointAuthorizationPolicy GetImageFindings
        GetNetworkingFlexCostAllocationPolicyVersions GetTransitGatewayAttachmentNatConfiguration
        ModifyClientVpnEndpointAuthorizationPolicy ModifyMetricCategory
        ModifyNetworkingFlexCostAllocationPolicy ModifyTransitGatewayAttachmentNatConfiguration
        ModifyTransitGatewayNetworkFunctionAttachment ModifyTransitGatewayPeeringAttachment
    """,
    "elasticache": "PrepareMigration StopMigration",
    "elementalinference": """
        CreateFunction CreateQuestionSet CreateQuestionSetVersion CreateScheduleAction DeleteFunction
        DeleteQuestionSet DeleteQuestionSetVersion DeleteScheduleAction GetFixture GetFunction
        GetQuestionSet ListFunctions ListQuestionSetVersions ListQuestionSets ListScheduleActions
        SearchFixtures UpdateFunction UpdateQuestionSet
    """,
    "emr-containers": "UpdateVirtualCluster",
    "es": "UpdateClone",
    "geo-maps": "GetGlyphs GetSprites GetStyleDescriptor",
    "glue": """
        AssociateGlossaryTerms BatchGetDataQualityResult BatchGetDataQualityResultV2
        BatchGetDataQualityRulesetEvaluationRun BatchGetIterableForms
        BatchPutDataQualityStatisticAnnotation CreateDataQualityEvaluationConfig CreateGlossary
        CreateGlossaryTerm DeleteAsset DeleteAssetType DeleteAttachment DeleteDataQualityEvaluationConfig
        DeleteFormType DeleteGlossary DeleteGlossaryTerm DisassociateGlossaryTerms GetAsset GetAssetType
        GetDataCatalogExportConfiguration GetDataQualityEvaluationConfig GetDataQualityResultV2
        GetFormType GetGlossary GetGlossaryTerm GetMaterializedViewRefreshTaskRun ListAssetTypes
        ListDataQualityEvaluationConfigs ListDataQualityResultsV2 ListDataQualityStatisticAnnotations
        ListDataQualityStatistics ListFormTypes ListGlossaries ListGlossaryTerms
        ListIntegrationTableProperties ListIterableForms ListMaterializedViewRefreshTaskRuns
        PublishDataQualityResultV2 PutAsset PutAssetType PutAttachment PutDataCatalogExportConfiguration
        PutFormType SearchAssets StartMaterializedViewRefreshTaskRun StopMaterializedViewRefreshTaskRun
        UpdateAsset UpdateDataQualityEvaluationConfig UpdateGlossary UpdateGlossaryTerm
    """,
    "guardduty": "ListInvestigationRecords",
    "health": """
        ConfigureTags ConfigureTagsForOrganization DescribeServiceLifecycle DescribeTagKeys
        DescribeTagKeysForOrganization DescribeTags DescribeTagsForOrganization
        DescribeTagsOnboardingStatus DescribeTagsOnboardingStatusForOrganization DisableTags
        DisableTagsForOrganization EnableTags EnableTagsForOrganization
    """,
    "iam": "AcquireRole UpdateDelegationRequest",
    "iam-toolbox": "GetRequestAuthorizationDetails GetRequestAuthorizationPolicy",
    "inspector2": "GetOnDemandScanStatus ListOnDemandScans StartOnDemandScan",
    "iotfleetwise": "BatchCreateVehicle BatchUpdateVehicle",
    "kafkaconnect": "PauseConnector RestartConnector ResumeConnector",
    "keyspaces": "RestoreTable UpdateTable",
    "kinesis": """
        AcknowledgeDeadLetterQueueRecords AcknowledgeQueueRecords CreateQueue DeleteQueue DescribeQueue
        ListQueues ReceiveDeadLetterQueueRecords ReceiveQueueRecords RestoreDeadLetterQueueRecords
        UpdateDeadLetterQueueRecordsVisibility UpdateQueue UpdateQueueRecordsVisibility
    """,
    "kinesisanalyticsv2": """
        CreateSnapshot DeleteSnapshot DescribeSnapshot DescribeSnapshotOperation ExportSnapshot
        ImportSnapshot ListSnapshotOperations ListSnapshots
    """,
    "lakeformation": "GetTemporaryDataLocationCredentials GetTemporaryGlueFunctionCredentials",
    "lambda": "DeleteDurableExecution PauseDurableExecution ResumeDurableExecution",
    "lambda-core": """
        CreateRuntime CreateRuntimeAlias CreateRuntimeVersion DeleteRuntime DeleteRuntimeAlias
        DeleteRuntimeVersion GetRuntime GetRuntimeAlias GetRuntimeVersion ListRuntimeAliases
        ListRuntimeVersions ListRuntimes RestoreRuntime UpdateRuntime UpdateRuntimeAlias
        UpdateRuntimeVersion
    """,
    "lexv2-models": "ListBotAnalyzerHistory",
    "lightsail": """
        CheckSubdomainAvailability CreateSubdomain DeleteSubdomain GetProfile GetSubdomains
        UpdateSubdomainAssociation
    """,
    "logs": "GetLogObject",
    "marketplace-agreement": """
        AcceptAgreementApproval GetAgreementApproval GetAgreementContacts GetAgreementRequestApprovalPlans
        GetAgreementRequestTerms ListAgreementApprovals RejectAgreementApproval StartAgreementApprovals
    """,
    "mediaconnect": """
        BatchGetDestinationEndpoint BatchGetRouterInput BatchGetRouterNetworkInterface
        BatchGetRouterOutput BatchGetSourceEndpoint ConnectEndpoints DeregisterDestinationEndpoint
        DeregisterSourceEndpoint DisconnectEndpoints GetDestinationEndpoint GetSourceEndpoint
        ListDestinationEndpoints ListSourceEndpoints ListTagsForGlobalResource RegisterDestinationEndpoint
        RegisterSourceEndpoint TagGlobalResource UntagGlobalResource UpdateDestinationEndpoint
        UpdateSourceEndpoint
    """,
    "mediaconvert": "GetJobsQueryResults StartJobsQuery",
    "mediatailor": "DeleteFunction GetFunction ListFunctions PutFunction",
    "mgn": """
        CreateRemoteSourceAction DeleteRemoteSourceAction GetLaunchConfigurationDefaults
        ListNetworkMigrationInsights ListRemoteSourceActionInvocationResults
        ListRemoteSourceActionInvocations ListRemoteSourceActionJobs ListRemoteSourceActions
        StartRemoteSourceActionJob UpdateLaunchConfigurationDefaults UpdateRemoteSourceAction
    """,
    "mwaa-serverless": "CreateAirflowUiUrl",
    "neptunedata": """
        CancelIndexRebuild GetIndexRebuildStatus GetStorageInfo ListIndexRebuilds StartIndexRebuild
    """,
    "network-firewall": "ListContextStores ListResourcesInContextStore UpdateProxySettings",
    "networkflowmonitor": """
        CreatePerformanceMonitor DeletePerformanceMonitor GetMonitorScopeSuggestions GetPerformanceMonitor
        GetQueryResultsPerformanceMonitor GetQueryStatusPerformanceMonitor ListPerformanceMonitors
        StartQueryPerformanceMonitor StopQueryPerformanceMonitor UpdatePerformanceMonitor
    """,
    "networkmanager": """
        AssociateContextStore CreateContextStore DeleteContextStore DisassociateContextStore
        GetContextStore GetContextStoreAssociation GetContextVersion ListContextChanges
        ListContextStoreAssociations ListContextStores ListContexts UpdateContextStore
    """,
    "observabilityadmin": """
        CreateConnector DeleteConnector GetConnector GetConnectorTelemetryManifest
        GetConnectorTelemetrySetup GetThirdPartyTelemetryEnrichment ListConnectors
        ListResourcesByConnector ListThirdPartyTelemetryEnrichments PutConnectorTelemetryManifest
        StartTelemetryPipelineRefresh StartThirdPartyTelemetryEnrichment StopThirdPartyTelemetryEnrichment
    """,
    "odb": """
        AssociateVirtualMachinesToCloudVmCluster DisassociateVirtualMachinesFromCloudVmCluster
        UpdateCloudAutonomousVmCluster UpdateCloudExadataInfrastructureStorageCapacity
        UpdateCloudVmCluster UpdateExascaleCloudExadataInfrastructure
    """,
    "opensearch": "UpdateClone",
    "opensearchmemory": """
        BatchGetEvent CreateEvent CreateMemory CreateSpace DeleteEvent DeleteMemory DeleteSpace GetEvent
        GetMemory GetSpace ListEvents ListMemories ListSpaces ListTagsForResource SearchEvents
        SearchMemories TagResource UntagResource UpdateMemory UpdateSpace
    """,
    "outposts": "StartOutpostDecommission",
    "polly": "ListTagsForResource TagResource UntagResource",
    "quicksight": """
        CreateTopicV2 DeleteTopicV2 DescribeAnalysisDefinition DescribeDashboardDefinition
        DescribeResourcePermissions DescribeTemplateDefinition DescribeTopicPermissionsV2 DescribeTopicV2
        ListTopicsV2 SearchTopicsV2 UpdateTopicPermissionsV2 UpdateTopicV2
    """,
    "ram": "UpdatePermission",
    "rds": "DescribeServerlessV2PlatformVersions",
    "redshift-data": "GetStatementResultV2",
    "resource-explorer-2": "ListResources",
    "route53": """
        CreateResourceRecordSetProtections DeleteResourceRecordSetProtections
        ListResourceRecordSetProtections
    """,
    "route53domains": "RestoreDomain",
    "route53globalresolver": """
        CreateCoreNetworkEndpoint DeleteCoreNetworkEndpoint GetCoreNetworkEndpoint
        ListCoreNetworkEndpoints ListSharedDNSViews UpdateCoreNetworkEndpoint
    """,
    "route53profiles": "UpdateProfileAssociation",
    "route53resolver": "BatchCreateFirewallRule BatchDeleteFirewallRule BatchUpdateFirewallRule",
    "s3tables": """
        CompleteTableMigration GetTableBucketLogging GetTableMigration ListTableMigrations
        PutTableBucketLogging StartTableMigration SyncTableMigration UpdateTableMigration
    """,
    "s3vectors": "UpdateMetadataConfiguration",
    "sagemaker": """
        CreateClusterExtension CreateInferenceRouter DeleteClusterExtension DeleteEndpointPolicy
        DeleteInferenceRouter DescribeClusterExtension DescribeClusterOperation DescribeInferenceRouter
        GetEndpointPolicy ListClusterExtensionVersions ListClusterExtensions ListClusterOperations
        ListInferenceRouters PutEndpointPolicy UpdateClusterExtension UpdateInferenceRouter
    """,
    "sagemaker-featurestore-runtime": "UpdateRecord",
    "sagemaker-inference-router-runtime": "InvokeInferenceRouter InvokeInferenceRouterAsync",
    "secretsmanager": "AssociateCrossAccountReplica DisassociateCrossAccountReplica ListResourcePolicies",
    "securityhub": "GetSoftwareResourcesV2 GetSoftwareStatisticsV2 GetSoftwareV2 RegisterConnectorV2",
    "signin": """
        CreateBearerToken CreateOAuth2TokenWithIAM IntrospectOAuth2TokenWithIAM RevokeOAuth2TokenWithIAM
    """,
    "support": """
        CompleteAttachmentUpload DescribeAttachmentUploadStatus GetAttachmentDownloadLink
        GetAttachmentUploadLinks
    """,
    "wellarchitected": """
        CreateAgentBasicProfile CreateAgentOrganizationalProfile CreateAgentOrganizationalReport
        DeleteAgentOrganizationalReport DeleteAgentProfilePolicy DeleteAgentRecommendationPolicy
        GetAgentOrganizationalReport GetAgentOrganizationalReportData GetAgentPreferences
        GetAgentProfilePolicy GetAgentRecommendationPolicy ListAgentOrganizationalReports
        PutAgentPreferences PutAgentProfilePolicy PutAgentRecommendationPolicy
        SendAgentOrganizationalReportDataToS3 UpdateAgentOrganizationalProfile
    """,
    "wickr": "UpdateNetwork",
}

_RETIRED: dict[str, str] = {
    "applicationcostprofiler": """
        DeleteReportDefinition GetReportDefinition ImportApplicationUsage ListReportDefinitions
        PutReportDefinition UpdateReportDefinition
    """,
    "cloudhsm": """
        AddTagsToResource CreateHapg CreateLunaClient DeleteHapg DeleteLunaClient DescribeHapg DescribeHsm
        DescribeLunaClient GetConfig ListAvailableZones ListHapgs ListHsms ListLunaClients
        ListTagsForResource ModifyHapg ModifyHsm ModifyLunaClient RemoveTagsFromResource
    """,
    "comprehendmedical": "DetectEntities",
    "iotthingsgraph": """
        AssociateEntityToThing CreateFlowTemplate CreateSystemInstance CreateSystemTemplate
        DeleteFlowTemplate DeleteNamespace DeleteSystemInstance DeleteSystemTemplate DeploySystemInstance
        DeprecateFlowTemplate DeprecateSystemTemplate DescribeNamespace DissociateEntityFromThing
        GetEntities GetFlowTemplate GetFlowTemplateRevisions GetNamespaceDeletionStatus GetSystemInstance
        GetSystemTemplate GetSystemTemplateRevisions GetUploadStatus ListFlowExecutionMessages
        ListTagsForResource SearchEntities SearchFlowExecutions SearchFlowTemplates SearchSystemInstances
        SearchSystemTemplates SearchThings TagResource UndeploySystemInstance UntagResource
        UpdateFlowTemplate UpdateSystemTemplate UploadEntityDefinitions
    """,
}

# https://docs.aws.amazon.com/connect-participant/latest/APIReference/Welcome.html
_TOKEN: dict[str, str] = {
    "connectparticipant": """
        CancelParticipantAuthentication CompleteAttachmentUpload CreateParticipantConnection DescribeView
        DisconnectParticipant GetAttachment GetAuthenticationUrl GetTranscript SendEvent SendMessage
        StartAttachmentUpload
    """,
}

_NO_PERMISSION: dict[str, str] = {
    "cognito-idp": "GetClientToken",
}

# Class → service → operations.
EXCEPTIONS: dict[str, dict[str, str]] = {
    "unpublished": _UNPUBLISHED,
    "retired": _RETIRED,
    "token": _TOKEN,
    "no permission": _NO_PERMISSION,
}
