"""A slow and obvious reading of what an organization's policies bind, to compare guardrails and engine with.

It shares no code with either and remembers nothing: each question walks the tree again. How a statement
matches and what one decision is comes from `policy_model`; here is only which policies it gets.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html,
.../orgs_manage_policies_rcps_evaluation.html and .../orgs_manage_policies_rcps.html
"""

from dataclasses import dataclass, field

from model.policy_model import Reference, World

FULL_ACCESS = {
    "scp": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
    "rcp": {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]},
}
"""What is attached to everything by itself while nobody changed that."""
RCP_SERVICES = {
    *("s3", "sts", "kms", "sqs", "secretsmanager", "cognito-idp", "cognito-identity", "logs", "dynamodb"),
    *("ecr", "aoss"),
}


@dataclass
class Tree:
    """One organization: `parents` says what each unit and account is in, `attached` what is on a place.

    The keys of `attached` are (place, "scp" or "rcp"), the values lists of documents; what is not in it has
    full access. `enabled` are the types that are enabled.
    """

    id: str
    root: str
    management: str
    parents: dict
    attached: dict = field(default_factory=dict)
    enabled: set = field(default_factory=set)
    all_features: bool = True

    def way(self, place):
        """From the root down to a unit or account."""
        return [place] if place == self.root else [*self.way(self.parents[place]), place]

    def levels(self, account, kind):
        """The documents on every level that bind an account, from the root down."""
        if not self.all_features or kind not in self.enabled or account == self.management:
            return []
        return [self.attached.get((place, kind), [FULL_ACCESS[kind]]) for place in self.way(account)]

    def path(self, account):
        """The account's place, without the account."""
        return "/".join([self.id, *self.way(account)[:-1], ""])


def tree_of(trees, account):
    """The organization that an account is in, or None."""
    return next((tree for tree in trees if account in tree.parents), None)


def levels(trees, account, kind):
    """The documents that bind an account, level by level; none outside of any organization."""
    tree = tree_of(trees, account)
    return [] if tree is None else tree.levels(account, kind)


def organization_keys(trees, account, side):
    """`aws:PrincipalOrgID` and `…Paths`, or those of the resource: absent outside of any organization."""
    tree = tree_of(trees, account)
    return {} if tree is None else {f"aws:{side}OrgID": tree.id, f"aws:{side}OrgPaths": [tree.path(account)]}


def expected(trees, who, asked, policies, context):
    """Outcome and level of a decision.

    `asked` is action, resource and the account that owns it (None: whoever asks); `policies` are
    identity, session and resource documents, None for those that there are not, and the type of the last.
    """
    action, resource, owner = asked
    owner = owner or who.standing_in or who.principal.account
    identity, session, own, resource_type = policies
    keys = context | {"aws:ResourceAccount": owner} | organization_keys(trees, owner, "Resource")
    if not who.principal.external:
        keys |= {"aws:PrincipalAccount": who.principal.account, "aws:PrincipalArn": who.principal_arn}
        keys |= organization_keys(trees, who.principal.account, "Principal")
        keys |= {f"aws:PrincipalTag/{key}": value for key, value in who.tags.items()}
    world = World(
        identity=identity,
        session=session,
        resource=own,
        resource_type=resource_type,
        scp=levels(trees, who.principal.account, "scp"),
        rcp=levels(trees, owner, "rcp"),
        rcp_supported=action.split(":")[0].lower() in RCP_SERVICES,
    )
    return Reference(world, who.principal, action, resource, owner, keys).decide()
