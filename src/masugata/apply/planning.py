"""From a description and what is there to the plan: the organization's part."""

from typing import Any

from masugata.apply._calls import organizations, plan_tags
from masugata.apply._comparing import Effect, differences, effect, same, sent
from masugata.apply._planning_attachments import plan_attachments
from masugata.apply._planning_services import plan_resource_policy, plan_services
from masugata.apply._planning_tree import plan_accounts, plan_units, unit_name
from masugata.apply.changes import Late, Plan, Stage, late_id
from masugata.apply.description import MANAGEMENT, Description, OrganizationPolicy, Target, Unit
from masugata.apply.live import tag_list
from masugata.apply.planning_iam import plan_iam
from masugata.apply.problems import Problems, shown
from masugata.apply.state import State
from masugata.records.organizations import AUTHORIZATION_POLICY_TYPES


def make_plan(description: Description, state: State, *, prune: bool = False) -> Plan:
    """What has to be done; raises `InvalidFileError` for what no call can do."""
    problems = Problems()
    plan = Plan()
    _plan_organization(description, state, plan, problems)
    for policy in (description.policies or {}).values():
        _plan_policy(policy, state, plan)
    _leave_policies(description, state, plan)
    plan_units(description, state, plan)
    plan_accounts(description, state, plan, problems)
    plan_attachments(description, state, plan, problems)
    plan_services(description, state, plan, problems)
    plan_resource_policy(description, state, plan)
    plan_iam(description, state, plan, problems)
    problems.check()
    return plan.finished(prune=prune)


def _plan_organization(description: Description, state: State, plan: Plan, problems: Problems) -> None:
    live = state.description
    if not state.exists:
        features = description.features or "ALL"
        made = organizations(
            Stage.ORGANIZATION,
            "create",
            "organization",
            "CreateOrganization",
            (),
            ("organization", "", ("Organization", "Id")),
            FeatureSet=features,
        )
        plan.add(made)
    elif description.features not in (None, live.features):
        problems.add(
            description,
            f"the organization has the features {live.features}: `features` cannot be changed by a file, "
            "use EnableAllFeatures",
        )
    enabled = live.policy_types or []
    for name in description.policy_types or ():
        if name not in enabled:
            plan.add(
                organizations(
                    Stage.POLICY_TYPES,
                    "enable",
                    f"policy type {name}",
                    "EnablePolicyType",
                    RootId=late_id("root"),
                    PolicyType=name,
                )
            )
    for name in enabled if description.policy_types is not None else ():
        if name not in (description.policy_types or ()):
            what = f"policy type {name}"
            removal = organizations(
                Stage.DELETE,
                "disable",
                what,
                "DisablePolicyType",
                RootId=late_id("root"),
                PolicyType=str(name),
            )
            plan.leave(what, MANAGEMENT, removal)


def _plan_policy(policy: OrganizationPolicy, state: State, plan: Plan) -> None:
    live = (state.description.policies or {}).get(policy.key)
    content = sent(policy.document, declarative=policy.type not in AUTHORIZATION_POLICY_TYPES)
    what = f"policy {shown(policy.key)}"
    if live is None:
        plan.add(
            organizations(
                Stage.POLICIES,
                "create",
                what,
                "CreatePolicy",
                (policy.type,),
                ("policy", policy.key, ("Policy", "PolicySummary", "Id")),
                Name=policy.name,
                Type=policy.type,
                Description=policy.description or "",
                Content=content,
                Tags=tag_list(policy.tags or {}),
            )
        )
        return
    changed: dict[str, Any] = {}
    details: tuple[str, ...] = ()
    if policy.description not in (None, live.description):
        changed["Description"] = policy.description
        details += (f"description: {policy.description}",)
    if not same(policy.document, live.document, state.names):
        changed["Content"] = content
        details += differences(policy.document, live.document, state.names)
    id_ = late_id("policy", policy.key)
    if changed:
        stage = _updating(policy, live, state)
        plan.add(organizations(stage, "update", what, "UpdatePolicy", details, PolicyId=id_, **changed))
    plan_tags(plan, what, id_, policy.tags, live.tags)


def _updating(policy: OrganizationPolicy, live: OrganizationPolicy, state: State) -> Stage:
    """When a policy is updated: with what restricts, with what loosens, or between them."""
    if policy.type not in AUTHORIZATION_POLICY_TYPES:
        return Stage.UPDATE
    does = effect(policy.document, live.document, state.names)
    return {Effect.TIGHTENS: Stage.ATTACH_GUARDS, Effect.LOOSENS: Stage.DETACH}.get(does, Stage.UPDATE)


def _leave_policies(description: Description, state: State, plan: Plan) -> None:
    """Policies that are not in the file go last: what they are attached to lets them go before."""
    if description.policies is None:
        return
    targets: list[tuple[str, Late, Target]] = [
        *((unit_name(unit.path), late_id("unit", unit.path), unit) for unit in _units(state)),
        *(
            (f"account {shown(account.key)}", late_id("account", account.key), account)
            for account in state.description.all_accounts()
        ),
    ]
    for key in state.description.policies or {}:
        if key in description.policies:
            continue
        id_ = late_id("policy", key)
        removal = [
            organizations(
                Stage.REMOVE,
                "detach",
                f"policy {shown(key)} from the {where}",
                "DetachPolicy",
                PolicyId=id_,
                TargetId=target,
            )
            for where, target, attached in targets
            if key in (attached.policies or ())
        ]
        removal.append(
            organizations(Stage.DELETE, "delete", f"policy {shown(key)}", "DeletePolicy", PolicyId=id_)
        )
        plan.leave(f"policy {shown(key)}", MANAGEMENT, *removal)


def _units(state: State) -> list[Unit]:
    root = state.description.root
    return [] if root is None else list(root.walk())
