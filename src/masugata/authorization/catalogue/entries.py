"""The entries of the catalogue, which are also the form of its files.

Source of the terms: the service authorization reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import msgspec


class ResourceUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource type that an action can be limited to; `required`: the action always names one.

    `condition_keys` are those that hold for the action on this type only.
    """

    name: str
    required: bool = False
    condition_keys: tuple[str, ...] = ()


class Action(msgspec.Struct, frozen=True, omit_defaults=True):
    """An action, by its name in policies ("iam:CreateUser").

    `access_level` is List, Read, Write, "Tagging, Write" or "Permissions management, Write". Without
    `resource_types` it can only be allowed on `*`. `dependent_actions` are needed beside it in some cases.
    """

    name: str
    access_level: str
    resource_types: tuple[ResourceUse, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()


class ResourceType(msgspec.Struct, frozen=True, omit_defaults=True):
    """A resource type; templates look like `arn:${Partition}:iam::${Account}:user/${UserNameWithPath}`."""

    name: str
    arn_templates: tuple[str, ...]
    condition_keys: tuple[str, ...] = ()


class Operation(msgspec.Struct, frozen=True):
    """An operation of an API and the actions it needs, all of them; there is always one.

    `dependent_actions` are needed too for some requests, as those of an `Action` are: `s3:PutObjectTagging`
    where PutObject carries tags. Who serves the operation asks for them.
    """

    service: str
    operation: str
    actions: tuple[str, ...]
    dependent_actions: tuple[str, ...] = ()


class ServiceEntries(msgspec.Struct, frozen=True):
    """All of one service prefix; `condition_keys` says each key's type (String, ArrayOfARN …)."""

    resource_control_policies: bool
    actions: dict[str, Action]
    resource_types: dict[str, ResourceType]
    condition_keys: dict[str, str]


class OperationEntries(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of one botocore service: operation → the actions it needs.

    `exceptions` says of every other operation why it has none; see scripts/catalogue_overrides.
    """

    operations: dict[str, tuple[str, ...]]
    dependent_actions: dict[str, tuple[str, ...]] = {}
    exceptions: dict[str, str] = {}


class ResourceEntries(msgspec.Struct, frozen=True):
    """All of one botocore service: operation → action → resource type → the sources of its ARN.

    A source is an ARN in which `{Member}` is of the request and `${Variable}` is given, or a `{Member}` that
    carries an ARN; see scripts/catalogue_overrides/resources.py. An operation that has an action with
    resource types and does not stand here is open.
    """

    operations: dict[str, dict[str, dict[str, tuple[str, ...]]]]
