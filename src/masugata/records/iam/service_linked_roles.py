"""The roles that services make for themselves: names, policies and deletion tasks of service-linked roles.

Names and policies are those of the services' own pages and of the AWS managed policy reference
(https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html, path
`/aws-service-role/`); whether a suffix is allowed is from the API's answers as they were reported. A
service that is not listed has no service-linked role here: its name and permissions could only be guessed.
"""

import json
from datetime import datetime
from typing import NamedTuple

import msgspec

from masugata.records.kind import Kind

_PREFIX = "AWSServiceRoleFor"


class LinkedRole(NamedTuple):
    """What a service wants its role to be; `suffix`: whether there may be several, with suffixes."""

    purpose: str
    policy: str
    suffix: bool = False

    def name(self, suffix: str | None) -> str:
        """The role's name."""
        return f"{_PREFIX}{self.purpose}" + (f"_{suffix}" if suffix else "")

    def policy_arn(self, partition: str) -> str:
        """The AWS managed policy of the role."""
        return f"arn:{partition}:iam::aws:policy/aws-service-role/{self.policy}"


class DeletionTask(msgspec.Struct, frozen=True, kw_only=True):
    """A deletion of a service-linked role that was asked for, and done, at `create_date`.

    `id` is `task/aws-service-role/SERVICE/ROLE/UUID`.
    """

    version: int = 1
    id: str
    create_date: datetime


DELETION_TASK = Kind(
    "iam",
    "deletion-task",
    DeletionTask,
    key=lambda r: r.id,
    names=lambda _: (),
    references=lambda _: (),
)

LINKED_ROLES: dict[str, LinkedRole] = {
    "access-analyzer.amazonaws.com": LinkedRole("AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    "accountdiscovery.ssm.amazonaws.com": LinkedRole(
        "AmazonSSM_AccountDiscovery", "AWSSystemsManagerAccountDiscoveryServicePolicy"
    ),
    "acm.amazonaws.com": LinkedRole("CertificateManager", "CertificateManagerServiceRolePolicy"),
    "agentless.inspector2.amazonaws.com": LinkedRole(
        "AmazonInspector2Agentless", "AmazonInspector2AgentlessServiceRolePolicy"
    ),
    "appmesh.amazonaws.com": LinkedRole("AppMesh", "AWSAppMeshServiceRolePolicy"),
    "artifact.amazonaws.com": LinkedRole("Artifact", "AWSArtifactServiceRolePolicy"),
    "auditmanager.amazonaws.com": LinkedRole("AWSAuditManager", "AWSAuditManagerServiceRolePolicy"),
    "autoscaling-plans.amazonaws.com": LinkedRole(
        "AutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy"
    ),
    "autoscaling.amazonaws.com": LinkedRole("AutoScaling", "AutoScalingServiceRolePolicy", suffix=True),
    "backup.amazonaws.com": LinkedRole("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    "batch.amazonaws.com": LinkedRole("Batch", "BatchServiceRolePolicy"),
    "cassandra.application-autoscaling.amazonaws.com": LinkedRole(
        "ApplicationAutoScaling_CassandraTable", "AWSApplicationAutoscalingCassandraTablePolicy"
    ),
    "cks.kms.amazonaws.com": LinkedRole(
        "KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"
    ),
    "cloudhsm.amazonaws.com": LinkedRole("CloudHSM", "CloudHSMServiceRolePolicy"),
    "cloudtrail.amazonaws.com": LinkedRole("CloudTrail", "CloudTrailServiceRolePolicy"),
    "config-multiaccountsetup.amazonaws.com": LinkedRole(
        "ConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy"
    ),
    "config.amazonaws.com": LinkedRole("Config", "AWSConfigServiceRolePolicy"),
    "connect.amazonaws.com": LinkedRole("AmazonConnect", "AmazonConnectServiceLinkedRolePolicy", suffix=True),
    "continuousexport.discovery.amazonaws.com": LinkedRole(
        "ApplicationDiscoveryServiceContinuousExport",
        "ApplicationDiscoveryServiceContinuousExportServiceRolePolicy",
    ),
    "controltower.amazonaws.com": LinkedRole("AWSControlTower", "AWSControlTowerAccountServiceRolePolicy"),
    "dax.amazonaws.com": LinkedRole("DAX", "DAXServiceRolePolicy"),
    "detective.amazonaws.com": LinkedRole("Detective", "AmazonDetectiveServiceLinkedRolePolicy"),
    "dms-fleet-advisor.amazonaws.com": LinkedRole("DMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy"),
    "dms.amazonaws.com": LinkedRole("DMSServerless", "AWSDMSServerlessServiceRolePolicy"),
    "docdb-elastic.amazonaws.com": LinkedRole("DocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy"),
    "dynamodb.application-autoscaling.amazonaws.com": LinkedRole(
        "ApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy"
    ),
    "ec2-instance-connect.amazonaws.com": LinkedRole("Ec2InstanceConnect", "Ec2InstanceConnectEndpoint"),
    "ec2.application-autoscaling.amazonaws.com": LinkedRole(
        "ApplicationAutoScaling_EC2SpotFleetRequest", "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy"
    ),
    "ec2fleet.amazonaws.com": LinkedRole("EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
    "ecr.amazonaws.com": LinkedRole("ECRTemplate", "ECRTemplateServiceRolePolicy"),
    "ecs.amazonaws.com": LinkedRole("ECS", "AmazonECSServiceRolePolicy"),
    "ecs.application-autoscaling.amazonaws.com": LinkedRole(
        "ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"
    ),
    "eks-connector.amazonaws.com": LinkedRole("AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy"),
    "eks-fargate.amazonaws.com": LinkedRole("AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    "eks-nodegroup.amazonaws.com": LinkedRole("AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    "eks.amazonaws.com": LinkedRole("AmazonEKS", "AmazonEKSServiceRolePolicy"),
    "elasticache.amazonaws.com": LinkedRole("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "elasticbeanstalk.amazonaws.com": LinkedRole("ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    "elasticfilesystem.amazonaws.com": LinkedRole(
        "AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"
    ),
    "elasticloadbalancing.amazonaws.com": LinkedRole(
        "ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"
    ),
    "elasticmapreduce.amazonaws.com": LinkedRole("EMRCleanup", "AmazonEMRCleanupPolicy"),
    "email.cognito-idp.amazonaws.com": LinkedRole(
        "AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"
    ),
    "emr-containers.amazonaws.com": LinkedRole("AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy"),
    "es.amazonaws.com": LinkedRole("AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    "fis.amazonaws.com": LinkedRole("FIS", "AmazonFISServiceRolePolicy"),
    "fms.amazonaws.com": LinkedRole("FMS", "FMSServiceRolePolicy"),
    "fsx.amazonaws.com": LinkedRole("AmazonFSx", "AmazonFSxServiceRolePolicy"),
    "globalaccelerator.amazonaws.com": LinkedRole("GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy"),
    "grafana.amazonaws.com": LinkedRole("AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy"),
    "guardduty.amazonaws.com": LinkedRole("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "imagebuilder.amazonaws.com": LinkedRole("ImageBuilder", "AWSServiceRoleForImageBuilder"),
    "inspector.amazonaws.com": LinkedRole("AmazonInspector", "AmazonInspectorServiceRolePolicy"),
    "inspector2.amazonaws.com": LinkedRole("AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    "ipam.amazonaws.com": LinkedRole("IPAM", "AWSIPAMServiceRolePolicy"),
    "kafka.amazonaws.com": LinkedRole("Kafka", "KafkaServiceRolePolicy"),
    "kafkaconnect.amazonaws.com": LinkedRole("KafkaConnect", "KafkaConnectServiceRolePolicy"),
    "kinesisreplication.dynamodb.amazonaws.com": LinkedRole(
        "DynamoDBKinesisDataStreamsReplication", "DynamoDBKinesisReplicationServiceRolePolicy"
    ),
    "lakeformation.amazonaws.com": LinkedRole(
        "LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy"
    ),
    "lambda.amazonaws.com": LinkedRole("Lambda", "AWSLambdaServiceRolePolicy"),
    "lex.amazonaws.com": LinkedRole("LexBots", "LexBotPolicy"),
    "lexv2.amazonaws.com": LinkedRole("LexV2Bots", "AmazonLexV2BotPolicy", suffix=True),
    "license-manager.amazonaws.com": LinkedRole(
        "AWSLicenseManagerRole", "AWSLicenseManagerServiceRolePolicy"
    ),
    "lightsail.amazonaws.com": LinkedRole("Lightsail", "LightsailExportAccess"),
    "macie.amazonaws.com": LinkedRole("AmazonMacie", "AmazonMacieServiceRolePolicy"),
    "malware-protection.guardduty.amazonaws.com": LinkedRole(
        "AmazonGuardDutyMalwareProtection", "AmazonGuardDutyMalwareProtectionServiceRolePolicy"
    ),
    "member.org.stacksets.cloudformation.amazonaws.com": LinkedRole(
        "CloudFormationStackSetsOrgMember", "CloudFormationStackSetsOrgMemberServiceRolePolicy"
    ),
    "memorydb.amazonaws.com": LinkedRole("MemoryDB", "MemoryDBServiceRolePolicy"),
    "mq.amazonaws.com": LinkedRole("AmazonMQ", "AmazonMQServiceRolePolicy"),
    "mrk.kms.amazonaws.com": LinkedRole(
        "KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"
    ),
    "network-firewall.amazonaws.com": LinkedRole("NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy"),
    "notifications.amazonaws.com": LinkedRole(
        "AwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy"
    ),
    "observability.aoss.amazonaws.com": LinkedRole(
        "AmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy"
    ),
    "opensearchservice.amazonaws.com": LinkedRole(
        "AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"
    ),
    "ops.apigateway.amazonaws.com": LinkedRole("APIGateway", "APIGatewayServiceRolePolicy"),
    "ops.emr-serverless.amazonaws.com": LinkedRole(
        "AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy"
    ),
    "organizations.amazonaws.com": LinkedRole("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "pullthroughcache.ecr.amazonaws.com": LinkedRole(
        "ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy"
    ),
    "ram.amazonaws.com": LinkedRole("ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    "rds.amazonaws.com": LinkedRole("RDS", "AmazonRDSServiceRolePolicy"),
    "redshift.amazonaws.com": LinkedRole("Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    "replication.dynamodb.amazonaws.com": LinkedRole(
        "DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"
    ),
    "replication.ecr.amazonaws.com": LinkedRole("ECRReplication", "ECRReplicationServiceRolePolicy"),
    "resource-explorer-2.amazonaws.com": LinkedRole(
        "ResourceExplorer", "AWSResourceExplorerServiceRolePolicy"
    ),
    "rolesanywhere.amazonaws.com": LinkedRole("RolesAnywhere", "AWSRolesAnywhereServicePolicy"),
    "s3-outposts.amazonaws.com": LinkedRole("S3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy"),
    "securityhub.amazonaws.com": LinkedRole("AWSSecurityHub", "AWSSecurityHubServiceRolePolicy"),
    "servicequotas.amazonaws.com": LinkedRole("ServiceQuotas", "ServiceQuotasServiceRolePolicy"),
    "ses.amazonaws.com": LinkedRole("AmazonSES", "AmazonSESServiceRolePolicy"),
    "shield.amazonaws.com": LinkedRole("AWSShield", "AWSShieldServiceRolePolicy"),
    "spot.amazonaws.com": LinkedRole("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet.amazonaws.com": LinkedRole("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "ssm-incidents.amazonaws.com": LinkedRole("IncidentManager", "AWSIncidentManagerServiceRolePolicy"),
    "ssm.amazonaws.com": LinkedRole("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "sso.amazonaws.com": LinkedRole("SSO", "AWSSSOServiceRolePolicy"),
    "support.amazonaws.com": LinkedRole("Support", "AWSSupportServiceRolePolicy"),
    "transitgateway.amazonaws.com": LinkedRole("VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    "trustedadvisor.amazonaws.com": LinkedRole("TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    "waf-regional.amazonaws.com": LinkedRole("WAFRegionalLogging", "WAFRegionalLoggingServiceRolePolicy"),
    "waf.amazonaws.com": LinkedRole("WAFLogging", "WAFLoggingServiceRolePolicy"),
    "wafv2.amazonaws.com": LinkedRole("WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
}


def service_trust_policy(service: str) -> str:
    """The trust policy of a role that one service may assume, and nobody else."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
