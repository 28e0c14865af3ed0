"""Where an operation does not need just the action of its own name; reviewed by hand.

The rule that these tables depart from: the operation `CreateUser` of a service whose requests are signed
for `iam` needs `iam:CreateUser`. A row says all actions that an operation needs:

    "UploadPartCopy": "s3:GetObject s3:PutObject ?s3:GetObjectVersion"

- An operation that may need one of several actions, depending on what is in the request, needs all of them:
  strictness is safe, a guess is not.
- `?` marks an action that is needed only in some requests, and then beside the others: tags at
  creation, iam:PassRole where a role is passed. Who serves the operation asks for it.
- A row rests on what AWS documents: the model's own text for the operation, the service authorization
  reference, the service's guide. A name that merely looks alike is no reason.
- Where AWS publishes no action there is no row but an exception, and the operation is denied.

build_catalogue.py refuses rows that only repeat the rule, actions that do not exist, exceptions that need
no exception, and operations that no model has.
"""

from catalogue_overrides.applications import APPLICATIONS
from catalogue_overrides.data import DATA
from catalogue_overrides.exceptions import CLASSES, EXCEPTIONS
from catalogue_overrides.infrastructure import INFRASTRUCTURE
from catalogue_overrides.resources import RESOURCES
from catalogue_overrides.security import SECURITY
from catalogue_overrides.storage import STORAGE

__all__ = ["CLASSES", "EXCEPTIONS", "OVERRIDES", "PREFIXES", "RESOURCES", "VERBS"]

# Service → operation → actions.
OVERRIDES: dict[str, dict[str, str]] = {**APPLICATIONS, **DATA, **INFRASTRUCTURE, **SECURITY, **STORAGE}

# Service → prefix of its actions, where none of the names in its model is the prefix, or another one's is.
PREFIXES: dict[str, str] = {
    "cloudcontrol": "cloudformation",
    "iot-data": "iot",
    "iot-jobs-data": "iotjobsdata",
    "iotsecuretunneling": "iot",
    "mturk": "mechanicalturk",
    "partnercentral-account": "partnercentral",
    "partnercentral-benefits": "partnercentral",
    "partnercentral-channel": "partnercentral",
    "partnercentral-selling": "partnercentral",
    "resourcegroupstaggingapi": "tag",
}

# Services whose actions are HTTP methods, but for those that have an action of the operation's own name.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
VERBS: frozenset[str] = frozenset({"apigateway", "apigatewayv2"})
