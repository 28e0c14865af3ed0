"""Fuzz target: whatever stands in an exported account is refused with our own error or becomes records."""

from masugata.authorization.accounts import AccountExport, AccountExportError, read_details, view_of_exports
from masugata.cli._json_values import UnreadableError, read_values

_POLICY = b'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
_TRUST = b'{"Statement":{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}}'
SEEDS = (
    b'{"UserDetailList":[{"Path":"/","UserName":"a","UserId":"AIDAA","Arn":"arn:aws:iam::111122223333:user/a",'
    b'"CreateDate":"2026-01-02T03:04:05Z","UserPolicyList":[{"PolicyName":"p","PolicyDocument":'
    + _POLICY
    + b"}],"
    b'"GroupList":["g"],"AttachedManagedPolicies":[{"PolicyName":"AdministratorAccess","PolicyArn":'
    b'"arn:aws:iam::aws:policy/AdministratorAccess"}],"Tags":[{"Key":"k","Value":"v"}]}],"GroupDetailList":'
    b'[{"Path":"/","GroupName":"g","GroupId":"AGPAG","Arn":"arn:aws:iam::111122223333:group/g","CreateDate":1,'
    b'"GroupPolicyList":[]}],"RoleDetailList":[],"Policies":[],"IsTruncated":false}',
    b'[{"UserDetailList":[],"RoleDetailList":[{"Path":"/p/","RoleName":"r","RoleId":"AROAR","Arn":'
    b'"arn:aws:iam::111122223333:role/p/r","CreateDate":1e9,"AssumeRolePolicyDocument":' + _TRUST + b","
    b'"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::111122223333:policy/b"},"InstanceProfileList":'
    b'[{"Path":"/","InstanceProfileName":"i","InstanceProfileId":"AIPAI","Arn":'
    b'"arn:aws:iam::111122223333:instance-profile/i","CreateDate":0,"Roles":[]}]}],"Policies":[{"PolicyName":"b",'
    b'"PolicyId":"ANPAB","Arn":"arn:aws:iam::111122223333:policy/b","Path":"/","DefaultVersionId":"v1",'
    b'"CreateDate":0,"UpdateDate":0,"PolicyVersionList":[{"Document":"%7B%22Statement%22:[]%7D","VersionId":"v1",'
    b'"IsDefaultVersion":true,"CreateDate":0}]}]}]',
)
PIECES = (
    b'"', b"{", b"}", b"[", b"]", b",", b"null", b"1e999", b"-1", b"9" * 400, b"%", b"%zz", b"\xff",
    b"\\ud800", b"arn:aws:iam::aws:", b"444455556666", b"Marker", b"IsTruncated", b"true", b"v0",
    b"0000-00-00T00:00:00Z", b"9999-12-31T23:59:59-23:59", _POLICY, _TRUST,
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One file."""
    try:
        pages = [read_details(value, where) for value, where in read_values(data, "fuzz")]
        view = view_of_exports([AccountExport("fuzz", pages)])
    except (UnreadableError, AccountExportError):
        return
    assert len(view.accounts) == 1
