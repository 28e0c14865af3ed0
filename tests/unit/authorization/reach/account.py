"""Small accounts, said shortly, as GetAccountAuthorizationDetails exports them."""

from masugata.authorization.accounts import AccountExport, read_details, view_of_exports

ID = "111122223333"
ARN = f"arn:aws:iam::{ID}"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
LAMBDA = {"Service": "lambda.amazonaws.com"}
_TIME = "2026-01-01T00:00:00Z"


def allow(action, resource="*", **elements):
    """An Allow statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **elements}


def deny(action, resource="*", **elements):
    """A Deny statement."""
    return allow(action, resource, **elements) | {"Effect": "Deny"}


def trust(principal, action="sts:AssumeRole", **elements):
    """A statement of a trust policy."""
    return {"Effect": "Allow", "Principal": principal, "Action": action, **elements}


def document(*statements):
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _entity(kind, prefix, name, statements, attached, path="/"):
    word = kind.title()
    found = {
        "Path": path,
        f"{word}Name": name,
        f"{word}Id": f"{prefix}{name.upper()}",
        "Arn": f"{ARN}:{kind}{path}{name}",
        "CreateDate": _TIME,
        "AttachedManagedPolicies": [{"PolicyArn": arn} for arn in attached],
    }
    if statements:
        own = {"PolicyName": "own", "PolicyDocument": document(*statements)}
        found[f"{word}PolicyList"] = [own]
    return found


def user(name, *statements, groups=(), attached=(), tags=None, boundary=None):
    """A user with an inline policy of these statements."""
    found = _entity("user", "AIDA", name, statements, attached)
    found |= {"GroupList": list(groups), "Tags": [{"Key": k, "Value": v} for k, v in (tags or {}).items()]}
    return found | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {})


def group(name, *statements, attached=()):
    """A group."""
    return _entity("group", "AGPA", name, statements, attached)


def role(name, trusts, *statements, attached=()):
    """A role whose trust policy has these statements."""
    found = _entity("role", "AROA", name, statements, attached)
    return found | {"AssumeRolePolicyDocument": document(*trusts), "InstanceProfileList": [], "Tags": []}


def policy(name, *versions):
    """A customer managed policy; each version is a list of statements, and the last one the default."""
    return {
        "PolicyName": name,
        "PolicyId": f"ANPA{name.upper()}",
        "Arn": f"{ARN}:policy/{name}",
        "Path": "/",
        "DefaultVersionId": f"v{len(versions)}",
        "CreateDate": _TIME,
        "UpdateDate": _TIME,
        "PolicyVersionList": [
            {
                "Document": document(*statements),
                "VersionId": f"v{number}",
                "IsDefaultVersion": number == len(versions),
                "CreateDate": _TIME,
            }
            for number, statements in enumerate(versions, 1)
        ],
    }


def export(*entities):
    """An export of these entities."""
    lists = {"UserName": "UserDetailList", "GroupName": "GroupDetailList", "RoleName": "RoleDetailList"}
    found = {name: [] for name in (*lists.values(), "Policies")}
    for entity in entities:
        kind = next((name for key, name in lists.items() if key in entity), "Policies")
        found[kind].append(entity)
    return found


def view(*entities):
    """The account of these entities, to be asked about."""
    return view_of_exports([AccountExport("account", [read_details(export(*entities), "account")])])
