"""A slow and obvious reading of the rules of policy evaluation, to compare the engine with.

It shares no code with the engine. Documents are dicts, nothing is compiled or remembered, and every
question has three answers: True, False and None for "cannot be understood". Only at the end of a
statement does None become a match for a Deny and no match for an Allow.
"""

import re
from dataclasses import dataclass, field

from model.policy_conditions_model import (
    Answer,
    all_of,
    any_of,
    as_list,
    condition_holds,
    glob,
    letters,
    negate,
    plain_glob,
)


@dataclass
class World:
    """The documents of every policy that binds a decision; None where there is no such policy."""

    identity: list | None = None
    boundary: list | None = None
    session: list | None = None
    resource: list | None = None
    resource_type: str = "resource"
    scp: list = field(default_factory=list)
    rcp: list = field(default_factory=list)
    vpce: list | None = None
    management_account: str = ""
    rcp_supported: bool = True
    # (id, grantee, operations) of each grant of the key
    key_grants: list = field(default_factory=list)


def action_matches(statement, action) -> Answer:
    def entry(value) -> Answer:
        value = value.lower()
        if value == "*":
            return True
        if not re.fullmatch(r"[a-z0-9.-]+:[^\s,:]+", value):
            return None
        return plain_glob(value, action.lower())

    if "NotAction" in statement:
        return negate(any_of(map(entry, as_list(statement["NotAction"]))))
    return any_of(map(entry, as_list(statement["Action"])))


def runs_on(value, resource, context, *, variables) -> bool:
    """Whether the pattern matches if a star that ends a segment may run past the colon."""
    if resource.count(":") < 5 or not resource.startswith("arn:") or not value.startswith("arn:"):
        return False
    first_five = value.split(":", 5)[:-1]
    if any("${" in segment for segment in value.split(":", 5)[:5]):
        return False
    pattern = letters(value, context, variables=variables)
    return (
        any(segment.endswith("*") for segment in first_five)
        and pattern is not None
        and glob(pattern, resource)
    )


def resource_matches(statement, kind, resource, context, *, variables) -> Answer:
    negated = "NotResource" in statement
    # A star that ends a segment runs past the colon only where that grants less.
    wide = negated == (statement["Effect"] == "Allow")

    def entry(value) -> Answer:
        if value == "*":
            return True
        if resource == "*" and value.startswith("arn:"):
            asked = None
        elif len(asked := resource.split(":", 5)) < 6 or asked[0] != "arn":
            return None
        wanted = value.split(":", 5)
        if wanted[0] != "arn" or any("${" in segment for segment in wanted[:5]):
            return None
        short = len(wanted) < 6
        if short:
            taken = kind in ("identity", "boundary", "session") or (kind != "rcp" and value.endswith("*"))
            if not taken or len(wanted) < 3:
                return None
            wanted += ["*"] * (6 - len(wanted))
        if asked is None:
            return None if short and negated else False
        if not all(plain_glob(w.lower(), a.lower()) for w, a in zip(wanted[:5], asked[:5], strict=True)):
            return None if short and negated else False
        pattern = letters(wanted[5], context, variables=variables)
        if pattern is None:
            return None if negated else False
        found = glob(pattern, asked[5])
        return None if short and negated and not found else found

    values = statement.get("NotResource", statement.get("Resource"))
    if values is None:
        return True if kind == "trust" else None
    answers = [entry(value) for value in as_list(values)]
    if wide and any(runs_on(value, resource, context, variables=variables) for value in as_list(values)):
        answers.append(True)
    answer = any_of(answers)
    return negate(answer) if negated else answer


def principal_class(statement, who, kind, *, bounded) -> Answer | str:  # noqa: PLR0912
    """`caller`, `anyone`, `issuer`, `account`, `others`, False, or None."""
    if "Principal" not in statement and "NotPrincipal" not in statement:
        return None if kind in ("rcp", "vpce") else False
    element = statement.get("Principal", statement.get("NotPrincipal"))
    pairs = [("AWS", element)] if isinstance(element, str) else [
        (t, v) for t, values in element.items() for v in as_list(values)
    ]  # fmt: skip
    named = set()
    for type_, value in pairs:
        root = re.fullmatch(r"arn:([a-z-]+):iam::(\d{12}):root", value)
        inside = not who.external and who.account
        if type_ == "AWS" and value == "*":
            named.add("anyone")
        elif type_ == "AWS" and (root or re.fullmatch(r"\d{12}", value)):
            if inside and (value == who.account or (root and root.groups() == (who.partition, who.account))):
                named.add("account")
        elif type_ not in ("AWS", "Service", "Federated") or re.search(r"[*?]", value):
            named.add(None)
        elif type_ == "AWS":
            if not re.fullmatch(r"arn:.*:.*:.*:.*:.*|(AIDA|AROA)[A-Z0-9]+(:.+)?", value):
                named.add(None)
            elif not who.external and who.kind != "root" and value in (who.arn, who.unique_id):
                named.add("caller")
            elif value in (who.issuer_arn, who.issuer_id):
                named.add("issuer")
        elif who.external and who.kind == {"Service": "service", "Federated": "federated"}[type_]:
            named |= {"caller"} if value == who.arn else set()
    strongest = next((c for c in ("caller", "anyone", "issuer", "account") if c in named), False)
    if "Principal" in statement:
        unreadable = None in named and statement["Effect"] == "Deny"
        return "anyone" if unreadable else strongest
    if statement["Effect"] == "Allow":
        return False if strongest or None in named else "others"
    needed = {"caller"} if who.external else {"account"} if who.kind == "root" else {"caller", "account"}
    needed |= {"issuer"} if who.kind in ("role-session", "federated") and not who.external else set()
    return "others" if bounded or not (needed <= named or "anyone" in named) else False


def is_aws_own(action, resource) -> bool:
    """What nobody may change."""
    parts = resource.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        return False
    service, name = action.split(":") if ":" in action else ("", "")
    owner, what = parts[4].lower(), parts[5]
    if service == "iam" and parts[2].lower() == "iam":
        changes = not re.match("get|list|generate|simulate", name)
        return changes and (owner == "aws" or what.startswith("role/aws-reserved/"))
    return (
        service == "kms"
        and name in ("createalias", "updatealias", "deletealias")
        and what.startswith("alias/aws/")
    )


class Reference:
    """One decision."""

    def __init__(self, world, who, action, resource, resource_account, context):
        self.world, self.who, self.action, self.resource = world, who, action, resource
        self.account, self.context = resource_account, {k.lower(): v for k, v in context.items() if v != []}

    def matching(self, documents, kind, effect):
        """The classes of all statements of `effect` that match."""
        found = []
        for document in documents or []:
            variables = document.get("Version") == "2012-10-17"
            for statement in as_list(document["Statement"]):
                if statement["Effect"] != effect:
                    continue
                parts = [
                    action_matches(statement, self.action),
                    resource_matches(statement, kind, self.resource, self.context, variables=variables),
                ] + [
                    condition_holds(operator, key, as_list(values), self.context, variables=variables)
                    for operator, tests in statement.get("Condition", {}).items()
                    for key, values in tests.items()
                ]
                class_ = "anyone"
                if kind in ("resource", "trust", "rcp", "vpce"):
                    bounded = self.world.boundary is not None and effect == "Deny"
                    class_ = principal_class(statement, self.who, kind, bounded=bounded)
                    parts.append(class_ if class_ is None else bool(class_))
                answer = all_of(parts)
                if answer or (answer is None and effect == "Deny"):
                    found.append(class_)
        return found

    def owner(self):
        """The account of the resource; None if nobody knows it."""
        parts = self.resource.split(":", 5)
        in_arn = parts[4].lower() if len(parts) == 6 and parts[0] == "arn" else ""
        account = self.account or in_arn
        if account == "aws" or (self.resource == "*" and not account):
            return self.who.account
        return account or None

    def guardrails(self):
        """The SCPs and RCPs that bind this request."""
        world, who = self.world, self.who
        scps, rcps, action = world.scp, world.rcp, self.action.lower()
        if who.external or who.service_linked or (who.account and who.account == world.management_account):
            scps = []
        to_service = who.kind == "service" and world.resource_type == "trust"
        service_linked_role = to_service and ":role/aws-service-role/" in self.resource
        if (
            who.service_linked
            or service_linked_role
            or action == "kms:retiregrant"
            or not world.rcp_supported
            or (world.management_account and self.owner() == world.management_account)
        ):
            rcps = []
        return [("scp", level, "scp") for level in scps] + [("rcp", level, "rcp") for level in rcps]

    def key_grants(self):
        """How the grants of a KMS key name the caller, as if each were an Allow of the key policy."""
        parts = self.resource.split(":", 5)
        service, _, name = self.action.lower().partition(":")
        if service != "kms" or len(parts) < 6 or parts[2].lower() != "kms" or not parts[5].startswith("key/"):
            return set()
        found = set()
        for _, grantee, operations in self.world.key_grants:
            if name in [operation.lower() for operation in operations]:
                kind = "Service" if grantee.endswith(".amazonaws.com") else "AWS"
                allowing = {"Effect": "Allow", "Principal": {kind: grantee}}
                found.add(principal_class(allowing, self.who, "resource", bounded=False))
        return found - {False, None}

    def decide(self):
        world, who, action = self.world, self.who, self.action.lower()
        if action == "sts:getcalleridentity" and who.kind != "anonymous":
            return "allow", None
        groups = self.guardrails()
        groups += [("vpce", world.vpce, "vpce"), (world.resource_type, world.resource, world.resource_type)]
        groups += [(kind, getattr(world, kind), kind) for kind in ("identity", "boundary", "session")]
        for level, documents, kind in groups:
            if self.matching(documents, kind, "Deny"):
                return "explicit", level
        if is_aws_own(action, self.resource):
            return "implicit", None
        for level, documents, kind in groups:
            guardrail = level in ("scp", "rcp", "vpce") and documents is not None
            if guardrail and not self.matching(documents, kind, "Allow"):
                return "implicit", level
        grants = set(self.matching(world.resource, world.resource_type, "Allow")) | self.key_grants()
        if who.external:
            return ("allow", None) if grants - {"account"} else ("implicit", world.resource_type)
        return self.decide_both(grants)

    def decide_both(self, grants):
        """The caller's side and the resource's."""
        world, who, action, trust = (
            self.world,
            self.who,
            self.action.lower(),
            self.world.resource_type == "trust",
        )
        identity = who.kind == "root" or bool(self.matching(world.identity, "identity", "Allow"))
        is_key = re.match(r"arn:[^:]*:kms:[^:]*:[^:]*:key/", self.resource, re.IGNORECASE)
        must_delegate = trust or (action.startswith("kms:") and is_key)
        delegated = "account" in grants or not must_delegate
        same = who.account != "" and self.owner() == who.account
        both = not same or (trust and action in ("sts:tagsession", "sts:setsourceidentity"))
        if not both and not (identity and delegated) and not grants - {"account"}:
            # whether a role exists is not for those to learn who may not assume it
            hidden = trust and not identity
            return "implicit", "identity" if delegated or hidden else world.resource_type
        if both and not identity:
            return "implicit", "identity"
        if both and not grants:
            return "implicit", world.resource_type
        if both or who.kind == "root" or who.confined or not grants & {"caller", "anyone"}:
            for kind in ("boundary", "session"):
                documents = getattr(world, kind)
                if documents is not None and not self.matching(documents, kind, "Allow"):
                    return "implicit", kind
        return "allow", None
