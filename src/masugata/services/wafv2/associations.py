"""Operations on which web ACL protects which resource: here resources are edges."""

from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.records.wafv2 import (
    ASSOCIATION,
    EDGE,
    REGIONAL,
    WEB_ACL_PATH,
    Association,
    edge_arn,
    parse_load_balancer_arn,
)
from masugata.services.wafv2._entities import find_own
from masugata.services.wafv2._errors import MALFORMED, invalid, invalid_operation, nonexistent
from masugata.services.wafv2.web_acls import web_acl_shape

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_LOAD_BALANCERS: Final = "APPLICATION_LOAD_BALANCER"
_ELSEWHERE: Final = {
    "amplify": "Amplify apps",
    "apigateway": "API Gateway stages",
    "apprunner": "App Runner services",
    "appsync": "AppSync APIs",
    "bedrock-agentcore": "AgentCore gateways",
    "cloudfront": "CloudFront distributions",
    "cognito-idp": "Cognito user pools",
    "ec2": "Verified Access instances",
}
"""What AWS WAF protects at AWS and nobody runs here, by the service in its ARNs."""


def associate_web_acl(call: Call, request: "shapes.AssociateWebACLRequest") -> dict[str, Any]:
    """Protect an edge with a web ACL, in the place of any that it has.

    Raises WAFNonexistentItemException, WAFInvalidOperationException and WAFInvalidParameterException.
    """
    arn = request["ResourceArn"]
    name, _ = find_own(call, request["WebACLArn"], WEB_ACL_PATH)
    if name.scope != REGIONAL:
        raise invalid("RESOURCE_ARN", str(name), "A web ACL of CloudFront protects no regional resource.")
    _check_resource(call, arn)
    call.transaction.put(ASSOCIATION, call.account, Association(resource=arn, web_acl=str(name)), call.region)
    return {}


def disassociate_web_acl(call: Call, request: "shapes.DisassociateWebACLRequest") -> dict[str, Any]:
    """Protect an edge with no web ACL any more; raises as `associate_web_acl`."""
    arn = request["ResourceArn"]
    if call.records.get(ASSOCIATION, call.account, arn, call.region) is None:
        _check_resource(call, arn)
        return {}
    call.transaction.delete(ASSOCIATION, call.account, arn, call.region)
    call.touches("AWS::ElasticLoadBalancingV2::LoadBalancer", arn)
    return {}


def get_web_acl_for_resource(call: Call, request: "shapes.GetWebACLForResourceRequest") -> dict[str, Any]:
    """The web ACL of an edge, nothing if it has none; raises as `associate_web_acl`."""
    arn = request["ResourceArn"]
    association = call.records.get(ASSOCIATION, call.account, arn, call.region)
    if association is None:
        _check_resource(call, arn)
        return {}
    _, web_acl = find_own(call, association.web_acl, WEB_ACL_PATH)
    return {"WebACL": web_acl_shape(call, web_acl)}


def list_resources_for_web_acl(
    call: Call, request: "shapes.ListResourcesForWebACLRequest"
) -> "shapes.ListResourcesForWebACLResponse":
    """The ARNs of the edges that a web ACL protects, and of nothing of any other type.

    Raises WAFNonexistentItemException and WAFInvalidParameterException.
    """
    name, _ = find_own(call, request["WebACLArn"], WEB_ACL_PATH)
    if request.get("ResourceType", _LOAD_BALANCERS) != _LOAD_BALANCERS:
        return {"ResourceArns": []}
    found = call.records.referring(ASSOCIATION, call.account, "web-acl", str(name), call.region)
    return {"ResourceArns": [association.resource for association in found]}


def _check_resource(call: Call, arn: str) -> None:
    """Raise unless an edge of the account and Region has this ARN."""
    named = parse_load_balancer_arn(arn)
    if named is None:
        parts = arn.split(":")
        elsewhere = _ELSEWHERE.get(parts[2]) if len(parts) > 2 else None
        if elsewhere is not None:
            raise invalid_operation(f"There are no {elsewhere} here: an edge has the ARN of a load balancer.")
        raise invalid("RESOURCE_ARN", arn, MALFORMED)
    edge = call.records.get(EDGE, call.account, named.name, call.region)
    if edge is None or arn != edge_arn(call.account, call.region, edge, partition=call.partition):
        raise nonexistent(arn)
    call.touches("AWS::ElasticLoadBalancingV2::LoadBalancer", arn)
