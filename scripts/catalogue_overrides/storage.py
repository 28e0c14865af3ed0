"""Amazon S3 and its relatives.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html, and the text of each operation.

Requests on directory buckets need `s3express:CreateSession` instead; nothing here serves them.
"""

_OBJECT_HEADERS = "?s3:PutObjectAcl ?s3:PutObjectTagging ?s3:PutObjectLegalHold ?s3:PutObjectRetention"
_METADATA_TABLES = (
    "s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable "
    "s3tables:PutTableBucketPolicy s3tables:PutTableEncryption s3tables:PutTablePolicy ?kms:DescribeKey"
)
_IDENTITY_CENTER = "sso:CreateApplication sso:PutApplicationAuthenticationMethod sso:PutApplicationGrant"

STORAGE: dict[str, dict[str, str]] = {
    "s3": {
        "CompleteMultipartUpload": "s3:PutObject",
        "CopyObject": "s3:GetObject s3:PutObject ?s3:GetObjectVersion ?s3:GetObjectTagging "
        "?s3:GetObjectVersionTagging " + _OBJECT_HEADERS,
        "CreateBucket": "s3:CreateBucket ?s3:PutBucketAcl ?s3:PutBucketObjectLockConfiguration "
        "?s3:PutBucketVersioning ?s3:PutBucketOwnershipControls",
        "CreateBucketMetadataConfiguration": "s3:CreateBucketMetadataTableConfiguration ?iam:PassRole "
        + _METADATA_TABLES,
        "CreateBucketMetadataTableConfiguration": "s3:CreateBucketMetadataTableConfiguration "
        "s3tables:CreateNamespace s3tables:CreateTable s3tables:GetTable s3tables:PutTablePolicy",
        "CreateMultipartUpload": "s3:PutObject " + _OBJECT_HEADERS,
        "CreateSession": "s3express:CreateSession",
        "DeleteBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
        "DeleteBucketCors": "s3:PutBucketCORS",
        "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
        "DeleteBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
        "DeleteBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
        "DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
        "DeleteBucketMetadataConfiguration": "s3:DeleteBucketMetadataTableConfiguration",
        "DeleteBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
        "DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
        "DeleteBucketReplication": "s3:PutReplicationConfiguration",
        "DeleteBucketTagging": "s3:PutBucketTagging",
        "DeleteObject": "s3:DeleteObject ?s3:DeleteObjectVersion ?s3:BypassGovernanceRetention",
        "DeleteObjectTagging": "s3:DeleteObjectTagging ?s3:DeleteObjectVersionTagging",
        "DeleteObjects": "s3:DeleteObject ?s3:DeleteObjectVersion ?s3:BypassGovernanceRetention",
        "DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
        "GetBucketAnalyticsConfiguration": "s3:GetAnalyticsConfiguration",
        "GetBucketEncryption": "s3:GetEncryptionConfiguration",
        "GetBucketIntelligentTieringConfiguration": "s3:GetIntelligentTieringConfiguration",
        "GetBucketInventoryConfiguration": "s3:GetInventoryConfiguration",
        "GetBucketLifecycle": "s3:GetLifecycleConfiguration",
        "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "GetBucketMetadataConfiguration": "s3:GetBucketMetadataTableConfiguration",
        "GetBucketMetricsConfiguration": "s3:GetMetricsConfiguration",
        "GetBucketNotificationConfiguration": "s3:GetBucketNotification",
        "GetBucketReplication": "s3:GetReplicationConfiguration",
        "GetObject": "s3:GetObject ?s3:GetObjectVersion",
        "GetObjectAcl": "s3:GetObjectAcl ?s3:GetObjectVersionAcl",
        "GetObjectAttributes": "s3:GetObject s3:GetObjectAttributes ?s3:GetObjectVersion "
        "?s3:GetObjectVersionAttributes",
        "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
        "GetObjectTagging": "s3:GetObjectTagging ?s3:GetObjectVersionTagging",
        "GetObjectTorrent": "s3:GetObjectTorrent ?s3:GetObjectVersionTorrent",
        "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
        "HeadBucket": "s3:ListBucket",
        "HeadObject": "s3:GetObject ?s3:GetObjectVersion",
        "ListBucketAnalyticsConfigurations": "s3:GetAnalyticsConfiguration",
        "ListBucketIntelligentTieringConfigurations": "s3:GetIntelligentTieringConfiguration",
        "ListBucketInventoryConfigurations": "s3:GetInventoryConfiguration",
        "ListBucketMetricsConfigurations": "s3:GetMetricsConfiguration",
        "ListBuckets": "s3:ListAllMyBuckets",
        "ListDirectoryBuckets": "s3express:ListAllMyDirectoryBuckets",
        "ListMultipartUploads": "s3:ListBucketMultipartUploads",
        "ListObjectVersions": "s3:ListBucketVersions",
        "ListObjects": "s3:ListBucket",
        "ListObjectsV2": "s3:ListBucket",
        "ListParts": "s3:ListMultipartUploadParts",
        "PutBucketAccelerateConfiguration": "s3:PutAccelerateConfiguration",
        "PutBucketAnalyticsConfiguration": "s3:PutAnalyticsConfiguration",
        "PutBucketEncryption": "s3:PutEncryptionConfiguration",
        "PutBucketIntelligentTieringConfiguration": "s3:PutIntelligentTieringConfiguration",
        "PutBucketInventoryConfiguration": "s3:PutInventoryConfiguration",
        "PutBucketLifecycle": "s3:PutLifecycleConfiguration",
        "PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
        "PutBucketMetricsConfiguration": "s3:PutMetricsConfiguration",
        "PutBucketNotificationConfiguration": "s3:PutBucketNotification",
        "PutBucketReplication": "s3:PutReplicationConfiguration ?iam:PassRole",
        "PutObject": "s3:PutObject " + _OBJECT_HEADERS,
        "PutObjectAcl": "s3:PutObjectAcl ?s3:PutObjectVersionAcl",
        "PutObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
        "PutObjectRetention": "s3:PutObjectRetention ?s3:BypassGovernanceRetention",
        "PutObjectTagging": "s3:PutObjectTagging ?s3:PutObjectVersionTagging",
        "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
        "RenameObject": "s3express:CreateSession",
        "SelectObjectContent": "s3:GetObject",
        "UpdateBucketMetadataAnnotationTableConfiguration": (
            "s3:UpdateBucketMetadataAnnotationTableConfiguration ?iam:PassRole"
        ),
        "UpdateBucketMetadataInventoryTableConfiguration": (
            f"s3:UpdateBucketMetadataInventoryTableConfiguration {_METADATA_TABLES}"
        ),
        "UpdateObjectEncryption": "s3:UpdateObjectEncryption ?kms:Decrypt ?kms:Encrypt ?kms:GenerateDataKey "
        "?kms:ReEncryptFrom ?kms:ReEncryptTo ?organizations:DescribeAccount",
        "UploadPart": "s3:PutObject",
        "UploadPartCopy": "s3:GetObject s3:PutObject ?s3:GetObjectVersion",
        "WriteGetObjectResponse": "s3-object-lambda:WriteGetObjectResponse",
    },
    # The bucket operations of this API are those of S3 on Outposts; an access point may be there as well.
    "s3control": {
        "AssociateAccessGrantsIdentityCenter": f"s3:AssociateAccessGrantsIdentityCenter {_IDENTITY_CENTER}",
        "CreateAccessGrant": "s3:CreateAccessGrant ?sso:DescribeInstance ?sso:DescribeApplication "
        "?identitystore:DescribeGroup ?identitystore:DescribeUser",
        "CreateAccessGrantsInstance": "s3:CreateAccessGrantsInstance ?sso:DescribeInstance "
        "?sso:CreateApplication ?sso:PutApplicationAuthenticationMethod ?sso:PutApplicationGrant",
        "CreateAccessGrantsLocation": "s3:CreateAccessGrantsLocation ?iam:PassRole",
        "CreateAccessPoint": "s3:CreateAccessPoint ?s3-outposts:CreateAccessPoint "
        "?s3express:CreateAccessPoint",
        "CreateBucket": "s3-outposts:CreateBucket",
        "CreateStorageLensGroup": "s3:CreateStorageLensGroup ?s3:TagResource",
        "DeleteAccessPoint": "s3:DeleteAccessPoint ?s3-outposts:DeleteAccessPoint "
        "?s3express:DeleteAccessPoint",
        "DeleteAccessPointPolicy": "s3:DeleteAccessPointPolicy ?s3-outposts:DeleteAccessPointPolicy "
        "?s3express:DeleteAccessPointPolicy",
        "DeleteAccessPointScope": "s3express:DeleteAccessPointScope",
        "DeleteBucket": "s3-outposts:DeleteBucket",
        "DeleteBucketLifecycleConfiguration": "s3-outposts:PutLifecycleConfiguration",
        "DeleteBucketPolicy": "s3-outposts:DeleteBucketPolicy",
        "DeleteBucketReplication": "s3-outposts:PutReplicationConfiguration",
        "DeleteBucketTagging": "s3-outposts:PutBucketTagging",
        "DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock",
        "DissociateAccessGrantsIdentityCenter": "s3:DissociateAccessGrantsIdentityCenter "
        "sso:DeleteApplication",
        "GetAccessPoint": "s3:GetAccessPoint ?s3-outposts:GetAccessPoint ?s3express:GetAccessPoint",
        "GetAccessPointPolicy": "s3:GetAccessPointPolicy ?s3-outposts:GetAccessPointPolicy "
        "?s3express:GetAccessPointPolicy",
        "GetAccessPointScope": "s3express:GetAccessPointScope",
        "GetBucket": "s3-outposts:GetBucket",
        "GetBucketLifecycleConfiguration": "s3-outposts:GetLifecycleConfiguration",
        "GetBucketPolicy": "s3-outposts:GetBucketPolicy",
        "GetBucketReplication": "s3-outposts:GetReplicationConfiguration",
        "GetBucketTagging": "s3-outposts:GetBucketTagging",
        "GetBucketVersioning": "s3-outposts:GetBucketVersioning",
        "GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
        "ListAccessPoints": "s3:ListAccessPoints ?s3-outposts:ListAccessPoints",
        "ListAccessPointsForDirectoryBuckets": "s3express:ListAccessPointsForDirectoryBuckets",
        "ListRegionalBuckets": "s3-outposts:ListRegionalBuckets",
        "ListTagsForResource": "s3:ListTagsForResource ?s3express:ListTagsForResource",
        "PutAccessPointPolicy": "s3:PutAccessPointPolicy ?s3-outposts:PutAccessPointPolicy "
        "?s3express:PutAccessPointPolicy",
        "PutAccessPointScope": "s3express:PutAccessPointScope",
        "PutBucketLifecycleConfiguration": "s3-outposts:PutLifecycleConfiguration",
        "PutBucketPolicy": "s3-outposts:PutBucketPolicy",
        "PutBucketReplication": "s3-outposts:PutReplicationConfiguration ?iam:PassRole",
        "PutBucketTagging": "s3-outposts:PutBucketTagging",
        "PutBucketVersioning": "s3-outposts:PutBucketVersioning",
        "PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
        "TagResource": "s3:TagResource ?s3express:TagResource",
        "UntagResource": "s3:UntagResource ?s3express:UntagResource",
        "UpdateAccessGrantsLocation": "s3:UpdateAccessGrantsLocation ?iam:PassRole",
    },
    "s3tables": {
        "CreateTable": "s3tables:CreateTable ?s3tables:PutTableData ?s3tables:PutTableEncryption "
        "?s3tables:PutTableStorageClass ?s3tables:TagResource",
        "CreateTableBucket": "s3tables:CreateTableBucket ?s3tables:PutTableBucketEncryption "
        "?s3tables:PutTableBucketStorageClass ?s3tables:TagResource",
        "GetTableMaintenanceConfiguration": "s3tables:GetTableMaintenanceConfiguration "
        "?s3tables:GetTableData",
        "PutTableBucketReplication": "s3tables:PutTableBucketReplication ?iam:PassRole",
        "PutTableReplication": "s3tables:PutTableReplication ?iam:PassRole",
    },
    "s3vectors": {
        "CreateIndex": "s3vectors:CreateIndex ?s3vectors:TagResource",
        "CreateVectorBucket": "s3vectors:CreateVectorBucket ?s3vectors:TagResource",
        "ListVectors": "s3vectors:ListVectors ?s3vectors:GetVectors",
        "QueryVectors": "s3vectors:QueryVectors ?s3vectors:GetVectors",
    },
    "storagegateway": {
        "StartCacheReport": "storagegateway:StartCacheReport s3:PutObject s3:AbortMultipartUpload",
    },
    "fsx": {
        "CreateAndAttachS3AccessPoint": "fsx:CreateAndAttachS3AccessPoint s3:CreateAccessPoint "
        "s3:GetAccessPoint ?s3:DeleteAccessPoint ?s3:PutAccessPointPolicy",
        "DetachAndDeleteS3AccessPoint": "fsx:DetachAndDeleteS3AccessPoint s3:DeleteAccessPoint",
    },
    "efs": {
        "ListTagsForResource": "elasticfilesystem:ListTagsForResource elasticfilesystem:DescribeAccessPoints",
        "CreateAccessPoint": "elasticfilesystem:CreateAccessPoint ?elasticfilesystem:TagResource",
        "CreateFileSystem": "elasticfilesystem:CreateFileSystem ?elasticfilesystem:TagResource",
        "CreateMountTarget": "elasticfilesystem:CreateMountTarget ec2:DescribeSubnets "
        "ec2:DescribeNetworkInterfaces ec2:CreateNetworkInterface",
        "DeleteMountTarget": "elasticfilesystem:DeleteMountTarget ec2:DeleteNetworkInterface",
        "DescribeMountTargetSecurityGroups": "elasticfilesystem:DescribeMountTargetSecurityGroups "
        "ec2:DescribeNetworkInterfaceAttribute",
        "ModifyMountTargetSecurityGroups": "elasticfilesystem:ModifyMountTargetSecurityGroups "
        "ec2:ModifyNetworkInterfaceAttribute",
    },
}
