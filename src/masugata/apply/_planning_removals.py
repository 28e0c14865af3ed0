"""What is in an account's IAM and not in the file. A section that the file does not have is not looked at."""

from collections.abc import Callable, Iterator
from typing import Any

from masugata.apply._comparing import denies
from masugata.apply.changes import Change, Late, Plan, Stage
from masugata.apply.description import Document, Iam, Principal
from masugata.apply.managed import policy_arn
from masugata.apply.problems import shown
from masugata.apply.state import State
from masugata.records.organizations import ACCESS_ROLE


def leave_principals(
    key: str, iam: Iam, live: Iam, state: State, plan: Plan, arn: Callable[[str], Late]
) -> None:
    """Principals that are not in the file, and of those that are what is not in it of theirs."""
    removals = _Removals(key, iam, live, state, arn)
    for described, found in ((iam.groups, live.groups), (iam.users, live.users), (iam.roles, live.roles)):
        for name, principal in (found or {}).items() if described is not None else ():
            here = (described or {}).get(name)
            what = f"{key}: {principal.kind} {shown(name)}"
            if here is not None:
                for change in removals.parts(here, principal):
                    plan.leave(change.what, key, change)
                for part, why in _kept(here, principal):
                    plan.leave(f"{key}: {part}", key, why=why)
            elif principal.kind == "role" and name in (ACCESS_ROLE, state.role):
                continue
            elif _is_caller(key, principal, state):
                plan.leave(what, key, why="it is who applies this")
            else:
                plan.leave(what, key, *removals.principal(principal))


def leave_policies(key: str, iam: Iam, live: Iam, state: State, plan: Plan) -> None:
    """Managed policies that are not in the file."""
    for name, policy in (live.policies or {}).items() if iam.policies is not None else ():
        if name in (iam.policies or {}):
            continue
        arn = policy_arn(policy, state.names.id("account", key), state.partition)
        what = f"policy {shown(name)}"
        removal = [
            _call(
                key,
                Stage.IAM_REMOVE,
                "detach",
                f"{what} from the {principal.kind} {shown(principal.name)}",
                f"Detach{principal.kind.capitalize()}Policy",
                **_own(principal),
                PolicyArn=arn,
            )
            for principal in live.principals()
            if arn in (principal.policies or ()) and _stays(principal, iam, "policies")
        ]
        removal.append(_call(key, Stage.IAM_DELETE_POLICIES, "delete", what, "DeletePolicy", PolicyArn=arn))
        plan.leave(f"{key}: {what}", key, *removal)


def _stays(principal: Principal, iam: Iam, member: str) -> bool:
    """Whether nothing else in the plan would take from somebody what is not described of theirs."""
    section = {"group": iam.groups, "user": iam.users, "role": iam.roles}[principal.kind]
    if section is None:
        return True
    described = section.get(principal.name)
    return described is not None and getattr(described, member) is None


def _is_caller(key: str, principal: Principal, state: State) -> bool:
    account = state.names.get("account", key)
    if principal.kind == "role":
        return f":sts::{account}:assumed-role/{principal.name}/" in state.caller
    return state.caller.endswith(f":iam::{account}:{principal.kind}{principal.path}{principal.name}")


def _kept(here: Principal, live: Principal) -> Iterator[tuple[str, str]]:
    """What is never removed, because nobody could say that it does no harm; and why."""
    whose = f"the {live.kind} {shown(live.name)}"
    if here.permissions_boundary is None and live.permissions_boundary is not None:
        yield f"the permissions boundary of {whose}", "without it they could do more"
    if here.access_keys is not None and here.access_keys < (live.access_keys or 0):
        yield f"access keys of {whose}", "somebody may be using them"


class _Removals:
    """The calls that remove what is not in the file; what denies goes after what allows."""

    def __init__(self, key: str, iam: Iam, live: Iam, state: State, arn: Callable[[str], Late]) -> None:
        self._key = key
        self._iam = iam
        self._live = live
        self._state = state
        self._arn = arn
        self._documents = {
            f"{policy.path}{policy.name}": policy.document for policy in (live.policies or {}).values()
        }

    def parts(self, here: Principal, live: Principal) -> Iterator[Change]:
        """What is not in the file of somebody who is."""
        if here.policies is not None:
            wanted = {_made(self._arn(name), self._state) for name in here.policies}
            for attached in live.policies or ():
                if attached not in wanted:
                    yield self._detach(live, attached)
        if here.inline_policies is not None:
            for name in live.inline_policies or {}:
                if name not in here.inline_policies:
                    yield self._delete_inline(live, name)
        if here.groups is not None:
            for group in live.groups or ():
                if group not in here.groups:
                    yield self._leave_group(live.name, group)

    def principal(self, principal: Principal) -> Iterator[Change]:
        """Somebody, with everything that IAM wants gone before; what is beyond this keeps them."""
        own = _own(principal)
        for id_ in principal.access_key_ids:
            what = f"access key {id_} of the user {shown(principal.name)}"
            request = {**own, "AccessKeyId": id_}
            yield _call(self._key, Stage.IAM_KEYS_REMOVE, "delete", what, "DeleteAccessKey", **request)
        for group in principal.groups or ():
            yield self._leave_group(principal.name, group)
        for user in (self._live.users or {}).values() if principal.kind == "group" else ():
            if principal.name in (user.groups or ()) and _stays(user, self._iam, "groups"):
                yield self._leave_group(user.name, principal.name)
        for arn in principal.policies or ():
            yield self._detach(principal, arn)
        for name in principal.inline_policies or {}:
            yield self._delete_inline(principal, name)
        what = f"{principal.kind} {shown(principal.name)}"
        operation = f"Delete{principal.kind.capitalize()}"
        yield _call(self._key, Stage.IAM_DELETE, "delete", what, operation, **own)

    def _detach(self, principal: Principal, arn: str) -> Change:
        document = self._documents.get("/" + arn.partition(":policy/")[2])
        what = f"policy {shown(arn)} from the {principal.kind} {shown(principal.name)}"
        operation = f"Detach{principal.kind.capitalize()}Policy"
        request = {**_own(principal), "PolicyArn": str(arn)}
        return _call(self._key, _removing(document), "detach", what, operation, **request)

    def _delete_inline(self, principal: Principal, name: str) -> Change:
        document = (principal.inline_policies or {})[name]
        what = f"inline policy {shown(name)} of the {principal.kind} {shown(principal.name)}"
        operation = f"Delete{principal.kind.capitalize()}Policy"
        request = {**_own(principal), "PolicyName": name}
        return _call(self._key, _removing(document), "delete", what, operation, **request)

    def _leave_group(self, user: str, group: str) -> Change:
        what = f"user {shown(user)} from the group {shown(group)}"
        request = {"UserName": user, "GroupName": str(group)}
        return _call(self._key, Stage.IAM_REMOVE, "remove", what, "RemoveUserFromGroup", **request)


def _removing(document: Document | None) -> Stage:
    return Stage.IAM_REMOVE_GUARDS if denies(document) else Stage.IAM_REMOVE


def _made(arn: Late, state: State) -> str:
    try:
        return arn.make(state.names)
    except LookupError:
        return arn.shown


def _own(principal: Principal) -> dict[str, str]:
    return {f"{principal.kind.capitalize()}Name": principal.name}


def _call(key: str, stage: Stage, action: str, what: str, operation: str, /, **request: Any) -> Change:
    return Change(
        stage=stage,
        action=action,
        what=f"{key}: {what}",
        account=key,
        service="iam",
        operation=operation,
        request=request,
    )
