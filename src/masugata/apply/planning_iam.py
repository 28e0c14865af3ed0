"""The plan of IAM in the accounts."""

from collections.abc import Mapping
from typing import Any

from masugata.apply._comparing import Effect, denies, differences, effect, same, sent
from masugata.apply._planning_removals import leave_policies, leave_principals
from masugata.apply.changes import Change, Late, Plan, Stage
from masugata.apply.description import Description, Document, Iam, ManagedPolicy, Principal
from masugata.apply.live import tag_list
from masugata.apply.managed import Named, aws_policy_arn, in_order
from masugata.apply.problems import Problems, shown
from masugata.apply.references import rendered
from masugata.apply.state import State

_NOTHING = Iam(policies={}, groups={}, users={}, roles={})
_CREATING = {"group": Stage.GROUPS, "user": Stage.USERS, "role": Stage.ROLES}


def plan_iam(description: Description, state: State, plan: Plan, problems: Problems) -> None:
    """Make policies, groups, users and roles as they are described."""
    accounts = list(description.all_accounts())
    live = {account.key: account.iam or _NOTHING for account in state.description.all_accounts()}
    there = {(key, name) for key, iam in live.items() for name in iam.roles or ()}
    ordered, circle = in_order(accounts, there)
    for role in circle:
        problems.add(role, f"the trust policy of {shown(role.name)} is part of a circle of roles")
    ranks = {role: rank for rank, role in enumerate(ordered)}
    for account in accounts:
        if account.iam is not None:
            found = live.get(account.key, _NOTHING)
            _Planner(account.key, account.iam, found, state, plan, problems, ranks).run()


class _Planner:
    def __init__(
        self,
        key: str,
        iam: Iam,
        live: Iam,
        state: State,
        plan: Plan,
        problems: Problems,
        ranks: Mapping[Named, int],
    ) -> None:
        self._key = key
        self._iam = iam
        self._live = live
        self._state = state
        self._plan = plan
        self._problems = problems
        self._ranks = ranks
        self._where = f"{key}: "

    def run(self) -> None:
        for policy in (self._iam.policies or {}).values():
            self._managed(policy, (self._live.policies or {}).get(policy.name))
        for described, live in (
            (self._iam.groups, self._live.groups),
            (self._iam.users, self._live.users),
            (self._iam.roles, self._live.roles),
        ):
            for principal in (described or {}).values():
                self._principal(principal, (live or {}).get(principal.name))
        leave_principals(self._key, self._iam, self._live, self._state, self._plan, self.arn)
        leave_policies(self._key, self._iam, self._live, self._state, self._plan)

    def call(
        self,
        stage: Stage,
        action: str,
        what: str,
        operation: str,
        details: tuple[str, ...] = (),
        /,
        **request: Any,
    ) -> Change:
        """A call of IAM in the account."""
        return Change(
            stage=stage,
            action=action,
            what=self._where + what,
            account=self._key,
            service="iam",
            operation=operation,
            request=request,
            details=details,
        )

    def arn(self, name: str) -> Late:
        """The ARN of a policy that is named: of the account's own, of AWS's, or an ARN already."""
        own = (self._iam.policies or {}).get(name)
        if own is not None:
            found = (self._live.policies or {}).get(name)
            path = own.path or (found.path if found is not None else None) or "/"
            partition, key = self._state.partition, self._key
            return Late(
                f"policy {name}",
                lambda names: f"arn:{partition}:iam::{names.id('account', key)}:policy{path}{name}",
            )
        aws = aws_policy_arn(name, self._state.partition)
        if aws is not None:
            return Late(aws, lambda _: aws)
        return Late(name, lambda names: rendered(str(name), names.lookup))

    def _known_arn(self, name: str) -> str:
        """The same for comparing: an account that is not there yet has nothing to compare with."""
        try:
            return self.arn(name).make(self._state.names)
        except LookupError:
            return str(name)

    def _managed(self, policy: ManagedPolicy, live: ManagedPolicy | None) -> None:
        what, arn = f"policy {shown(policy.name)}", self.arn(policy.name)
        if live is None:
            request: dict[str, Any] = {
                "PolicyName": policy.name,
                "Path": policy.path or "/",
                "PolicyDocument": sent(policy.document),
                "Description": policy.description or "",
                "Tags": tag_list(policy.tags or {}),
            }
            self._plan.add(self.call(Stage.IAM_POLICIES, "create", what, "CreatePolicy", **request))
            return
        for member, described, found in (
            ("path", policy.path, live.path),
            ("description", policy.description, live.description),
        ):
            if described not in (None, found):
                self._problems.add(
                    policy, f"the {what} has the {member} {shown(str(found))}, and IAM cannot change it"
                )
        if not same(policy.document, live.document, self._state.names):
            details = differences(policy.document, live.document, self._state.names)
            change = self.call(
                self._exchanging(policy.document, live.document),
                "update",
                what,
                "CreatePolicyVersion",
                details,
                PolicyArn=arn,
                PolicyDocument=sent(policy.document),
                SetAsDefault=True,
            )
            self._plan.add(change)
        self._tags(what, {"PolicyArn": arn}, "Policy", policy.tags, live.tags)

    def _principal(self, principal: Principal, live: Principal | None) -> None:
        kind, name = principal.kind, principal.name
        what = f"{kind} {shown(name)}"
        own = {f"{kind.capitalize()}Name": name}
        if live is None:
            self._create(principal, what, own)
            live = Principal(kind=kind, name=name, policies=[], inline_policies={}, groups=[], access_keys=0)
            # What is made has its tags, boundary, description and trust policy from the beginning.
            live.tags, live.path = principal.tags, principal.path
            live.permissions_boundary = principal.permissions_boundary
            live.trust_policy, live.description = principal.trust_policy, principal.description
            live.max_session_duration = principal.max_session_duration
        else:
            self._settings(principal, live, what, own)
        self._policies(principal, live, what, own)
        if kind == "user":
            self._user(principal, live, what)
        if kind != "group":
            self._tags(what, own, kind.capitalize(), principal.tags, live.tags)

    def _create(self, principal: Principal, what: str, own: dict[str, str]) -> None:
        request: dict[str, Any] = {**own, "Path": principal.path or "/"}
        if principal.kind != "group":
            request["Tags"] = tag_list(principal.tags or {})
        if principal.permissions_boundary is not None:
            request["PermissionsBoundary"] = self.arn(principal.permissions_boundary)
        if principal.trust_policy is not None:
            request["AssumeRolePolicyDocument"] = sent(principal.trust_policy)
        if principal.description is not None:
            request["Description"] = principal.description
        if principal.max_session_duration is not None:
            request["MaxSessionDuration"] = principal.max_session_duration
        operation = f"Create{principal.kind.capitalize()}"
        change = self.call(_CREATING[principal.kind], "create", what, operation, **request)
        change.rank = self._ranks.get((self._key, principal.name), 0) if principal.kind == "role" else 0
        self._plan.add(change)

    def _settings(self, principal: Principal, live: Principal, what: str, own: dict[str, str]) -> None:
        """What is changed of somebody who is there."""
        word, names = principal.kind.capitalize(), self._state.names
        if principal.path not in (None, live.path):
            if principal.kind == "role":
                self._problems.add(
                    principal, f"the {what} has the path {shown(str(live.path))}, and IAM cannot change it"
                )
            else:
                path = self.call(
                    Stage.IAM_UPDATE,
                    "update",
                    what,
                    f"Update{word}",
                    (f"path: {principal.path}",),
                    **own,
                    NewPath=principal.path,
                )
                self._plan.add(path)
        boundary = principal.permissions_boundary
        if boundary is not None and self._known_arn(boundary) != live.permissions_boundary:
            self._plan.add(
                self.call(
                    Stage.BOUNDARIES,
                    "put",
                    f"permissions boundary {shown(boundary)} on the {what}",
                    f"Put{word}PermissionsBoundary",
                    **own,
                    PermissionsBoundary=self.arn(boundary),
                )
            )
        trust, before = principal.trust_policy, live.trust_policy
        if trust is not None and before is not None and not same(trust, before, names):
            self._plan.add(
                self.call(
                    Stage.IAM_UPDATE,
                    "update",
                    f"trust policy of the {what}",
                    "UpdateAssumeRolePolicy",
                    differences(trust, before, names),
                    **own,
                    PolicyDocument=sent(trust),
                )
            )
        changed: dict[str, Any] = {}
        if principal.description not in (None, live.description):
            changed["Description"] = principal.description
        if principal.max_session_duration not in (None, live.max_session_duration):
            changed["MaxSessionDuration"] = principal.max_session_duration
        if changed:
            details = tuple(f"{member}: {value}" for member, value in changed.items())
            self._plan.add(
                self.call(Stage.IAM_UPDATE, "update", what, "UpdateRole", details, **own, **changed)
            )

    def _policies(self, principal: Principal, live: Principal, what: str, own: dict[str, str]) -> None:
        word = principal.kind.capitalize()
        attached = [str(arn) for arn in live.policies or ()]
        for name in principal.policies or ():
            if self._known_arn(name) not in attached:
                stage = Stage.GUARDS if self._guards(name) else Stage.PERMISSIONS
                self._plan.add(
                    self.call(
                        stage,
                        "attach",
                        f"policy {shown(name)} to the {what}",
                        f"Attach{word}Policy",
                        **own,
                        PolicyArn=self.arn(name),
                    )
                )
        for inline, document in (principal.inline_policies or {}).items():
            before = (live.inline_policies or {}).get(inline)
            if before is not None and same(document, before, self._state.names):
                continue
            details = () if before is None else differences(document, before, self._state.names)
            self._plan.add(
                self.call(
                    self._exchanging(document, before or Document(content={})),
                    "create" if before is None else "update",
                    f"inline policy {shown(inline)} of the {what}",
                    f"Put{word}Policy",
                    details,
                    **own,
                    PolicyName=inline,
                    PolicyDocument=sent(document),
                )
            )

    def _exchanging(self, document: Document, live: Document) -> Stage:
        """When a policy is exchanged: with what restricts, with what loosens, or between them."""
        does = effect(document, live, self._state.names)
        stages = {Effect.TIGHTENS: Stage.GUARDS, Effect.LOOSENS: Stage.PERMISSIONS}
        return stages.get(does, Stage.IAM_UPDATE)

    def _guards(self, name: str) -> bool:
        own = (self._iam.policies or {}).get(name)
        return own is not None and denies(own.document)

    def _user(self, user: Principal, live: Principal, what: str) -> None:
        for group in user.groups or ():
            if group not in (live.groups or ()):
                self._plan.add(
                    self.call(
                        Stage.MEMBERSHIPS,
                        "add",
                        f"{what} to the group {shown(group)}",
                        "AddUserToGroup",
                        GroupName=str(group),
                        UserName=user.name,
                    )
                )
        for _ in range(live.access_keys or 0, user.access_keys or 0):
            details = ("its secret is written to the credentials file",)
            self._plan.add(
                self.call(
                    Stage.ACCESS_KEYS,
                    "create",
                    f"access key of the {what}",
                    "CreateAccessKey",
                    details,
                    UserName=user.name,
                )
            )

    def _tags(
        self,
        what: str,
        own: dict[str, Any],
        word: str,
        described: dict[str, str] | None,
        live: dict[str, str] | None,
    ) -> None:
        if described is None or live is None:
            return
        changed = {key: value for key, value in described.items() if live.get(key) != value}
        if changed:
            details = tuple(f"{key}: {value}" for key, value in changed.items())
            self._plan.add(
                self.call(Stage.IAM_TAGS, "tag", what, f"Tag{word}", details, **own, Tags=tag_list(changed))
            )
        for key in live:
            if key not in described:
                removal = self.call(
                    Stage.IAM_REMOVE, "untag", f"{what}: {key}", f"Untag{word}", **own, TagKeys=[key]
                )
                self._plan.leave(f"{self._where}the tag {shown(key)} of the {what}", self._key, removal)
