"""The plan of what is attached where. Nothing binds less meanwhile: attaching comes first, detaching last."""

from collections.abc import Iterator

from masugata.apply._calls import organizations
from masugata.apply._comparing import denies
from masugata.apply._planning_tree import unit_name
from masugata.apply.changes import Change, Late, Plan, Stage, late_id
from masugata.apply.description import MANAGEMENT, Description, Target
from masugata.apply.document import Text
from masugata.apply.problems import Problems, shown
from masugata.apply.state import State
from masugata.limits import limit
from masugata.records.organizations import (
    AUTHORIZATION_POLICY_TYPES,
    AWS_POLICIES,
    SERVICE_CONTROL_POLICY,
)

_AUTHORIZATION = frozenset(AUTHORIZATION_POLICY_TYPES)
_AWS = {policy.name: policy for policy in AWS_POLICIES.values()}


def plan_attachments(description: Description, state: State, plan: Plan, problems: Problems) -> None:
    """Attach what is missing and detach what must not be there, on every target of the file."""
    for what, id_, target, live in _targets(description, state):
        _Attachments(description, state, plan, problems).plan(what, id_, target, live)


def _targets(description: Description, state: State) -> Iterator[tuple[str, Late, Target, Target | None]]:
    for unit in description.root.walk() if description.root is not None else ():
        yield unit_name(unit.path), late_id("unit", unit.path), unit, state.unit(unit.path)
    for account in description.all_accounts():
        what = "management account" if account.key == MANAGEMENT else f"account {shown(account.key)}"
        live = state.description.account(account.key)
        yield what, late_id("account", account.key), account, live


class _Attachments:
    def __init__(self, description: Description, state: State, plan: Plan, problems: Problems) -> None:
        self._description = description
        self._state = state
        self._plan = plan
        self._problems = problems
        self._live_types = state.description.policy_types or []

    def plan(self, what: str, id_: Late, target: Target, live: Target | None) -> None:
        attached = [str(name) for name in (live.policies or () if live is not None else ())]
        # What AWS attaches by itself as soon as a type is enabled, or a target made.
        for name, policy in _AWS.items():
            new = live is None or policy.type not in self._live_types
            if new and name not in attached and self._enabled(policy.type):
                attached.append(name)
        adding = [name for name in target.policies or () if name not in attached]
        removing = [str(name) for name in target.detached or () if name in attached]
        for name in adding:
            if not self._enabled(self._type(name)):
                self._problems.add(name, f"{self._type(name)} is not enabled: name it in `policy_types`")
        self._keep_one(target, attached, adding)
        adding.sort(key=lambda name: not self._denies(name))
        late, early = self._exchanged(target, what, attached, [str(name) for name in adding], removing)
        for name in adding:
            self._attach(str(name), what, id_, late=name in late)
        for name in removing:
            self._plan.add(self._detaching(name, what, id_, Stage.ROOM if name in early else Stage.DETACH))
        self._leave(target, attached, what, id_)

    def _keep_one(self, target: Target, attached: list[str], adding: list[Text]) -> None:
        """A target has at least one SCP, unless their type is not enabled."""
        scps = {name for name in (*attached, *adding) if self._type(name) == SERVICE_CONTROL_POLICY}
        for name in target.detached or ():
            if name in scps and not scps.difference(target.detached or ()):
                self._problems.add(name, f"{shown(name)} cannot be detached: a target has at least one SCP")

    def _attach(self, name: str, what: str, id_: Late, *, late: bool) -> None:
        stage = Stage.ATTACH_GUARDS if self._denies(name) else Stage.ATTACH
        change = organizations(
            Stage.ATTACH_LATER if late else stage,
            "attach",
            f"policy {shown(name)} to the {what}",
            "AttachPolicy",
            PolicyId=late_id("policy", name),
            TargetId=id_,
        )
        self._plan.add(change)

    def _detaching(self, name: str, what: str, id_: Late, stage: Stage) -> Change:
        return organizations(
            stage,
            "detach",
            f"policy {shown(name)} from the {what}",
            "DetachPolicy",
            PolicyId=late_id("policy", name),
            TargetId=id_,
        )

    def _exchanged(
        self, target: Target, what: str, attached: list[str], adding: list[str], removing: list[str]
    ) -> tuple[set[str], set[str]]:
        """What finds room only later, and what makes it by going early: only what denies nothing may."""
        late: set[str] = set()
        early: set[str] = set()
        for policy_type in {self._type(name) for name in adding}:
            most = limit(self._description.limits, "organizations.attachments", policy_type)
            there = [name for name in attached if self._type(name) == policy_type]
            coming = [name for name in adding if self._type(name) == policy_type]
            room = max(most - len(there), 0)
            over = len(coming) - room
            if over <= 0:
                continue
            harmless = [name for name in removing if name in there and not self._denies(name)]
            late |= set(coming[room:])
            early |= set(harmless[:over])
            # One has to stay until another is there.
            if over > len(harmless) or (room == 0 and over == len(there)):
                self._problems.add(
                    target,
                    f"the {what} has {len(there)} policies of type {policy_type} already, of at most {most}, "
                    "and none that could go first without loosening anything: detach one yourself",
                )
        return late, early

    def _leave(self, target: Target, attached: list[str], what: str, id_: Late) -> None:
        """Customer policies that the file does not name here; AWS's own go only if the file says so."""
        if target.policies is None:
            return
        known = {*target.policies, *(target.detached or ()), *_AWS}
        for name in attached:
            if name in known or (
                self._description.policies is not None and name not in self._description.policies
            ):
                continue  # one that is in no file is left, or goes, as a whole
            leaving = self._detaching(name, what, id_, Stage.REMOVE)
            self._plan.leave(f"policy {shown(name)} on the {what}", MANAGEMENT, leaving)

    def _type(self, name: str) -> str:
        if name in _AWS:
            return _AWS[name].type
        for policies in (self._description.policies, self._state.description.policies):
            if policies and name in policies:
                return policies[name].type
        return ""

    def _enabled(self, policy_type: str) -> bool:
        return policy_type in (*self._live_types, *(self._description.policy_types or ()))

    def _denies(self, name: str) -> bool:
        if name in _AWS:
            return False
        live = (self._state.description.policies or {}).get(name)
        described = (self._description.policies or {}).get(name)
        # Of other types nobody can say what they loosen.
        return self._type(name) not in _AUTHORIZATION or any(
            policy is not None and denies(policy.document) for policy in (live, described)
        )
