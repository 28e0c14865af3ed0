"""What tools say of a whole organization, against the decisions on real calls."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.authorization import catalogue
from masugata.authorization.authorizer import engine_input
from masugata.authorization.reach.people import Population, people
from masugata.authorization.reach.what_can import what_can
from masugata.authorization.reach.who_can import who_can
from masugata.cli._caller import caller_from
from masugata.cli._question import Question
from masugata.cli._question_installation import access_of, context_now
from masugata.cli._simulate import Asked, Files, simulate_account
from masugata.engines.policy import decide
from masugata.engines.policy.matrix import Verdict
from masugata.errors import MasugataError
from property.authorization.company import ACTIONS, NOW, RESOURCES, companies

EXAMPLES = max(60, settings.default.max_examples // 20)
MFA = ({}, {"aws:MultiFactorAuthPresent": "true"})
ROLES = tuple(arn for arn in RESOURCES if ":role/" in arn)


def some(values, most):
    """A few of `values`."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True)


def chosen(everybody, numbers):
    """Those with these numbers; there are fewer where an account is closed."""
    return [everybody[number] for number in numbers if number < len(everybody)]


def decisions(view, arn, action, resource):
    """What the gate decides on a call, without and with an MFA code."""
    try:
        caller = caller_from(arn, view.records, NOW)
    except MasugataError:  # of a closed account
        return {False}
    context = context_now(caller, "us-east-1", NOW, view.records)
    context = {key: value for key, value in context.items() if key not in MFA[1]}
    access = access_of(Question(arn, action, resource, None, {}), action, caller, view.records)
    return {decide(*engine_input(caller, access, context | more, view.records)).allowed for more in MFA}


def check(company, verdict, *asked):
    """A certain yes is one always, a no is one always; a maybe only where something is unknown."""
    decided = decisions(company.view, *asked)
    assert not (verdict is Verdict.CERTAIN and False in decided), asked
    assert not (verdict is Verdict.NO and True in decided), asked
    assert company.open or verdict is not Verdict.POSSIBLE, asked


@settings(max_examples=EXAMPLES)
@given(companies(), some(ACTIONS, 4), some(RESOURCES, 5))
def test_who_can_is_what_the_gate_decides(company, actions, resources):
    """For everybody of all accounts."""
    population = Population(company.view)
    for action, resource in product(actions, resources):
        direct = who_can(population, action, resource).direct
        verdicts = {one.person.name: one.verdict for one in direct if not one.person.outside}
        for person in population.persons:
            check(company, verdicts.get(person.name, Verdict.NO), person.name, action, resource)


@settings(max_examples=EXAMPLES)
@given(companies(), some(range(13), 4), some(ACTIONS, 4), some(RESOURCES[1:], 5))
def test_what_can_and_simulate_are_what_the_gate_decides(company, persons, actions, resources):
    """One principal after another, on the same resources."""
    everybody = people(company.view)
    for person, action in product(chosen(everybody, persons), actions):
        services = what_can(company.view, person.name, action=action, arns=resources).services
        verdicts = {
            reach.pattern: grant.verdict
            for service in services
            for reach in service.reaches
            for grant in reach.grants
        }
        nowhere = not catalogue.action(action).resource_types
        for resource in resources:
            verdict = verdicts.get(resource, Verdict.NO)
            check(company, verdict, person.name, action, "*" if nowhere else resource)
        asked = Asked(person.name, (action,), ("*", *resources), None, {})
        for outcome in simulate_account(asked, company.view, Files()):
            assert outcome.allowed in decisions(company.view, person.name, action, outcome.resource)


@settings(max_examples=EXAMPLES)
@given(companies(), some(range(12), 4))
def test_roles_are_assumed_across_accounts_as_the_gate_decides(company, persons):
    """The roles that what-can lists are those that a call of AssumeRole is let through to."""
    everybody = [person for person in people(company.view) if not person.root]
    for person in chosen(everybody, persons):
        found = what_can(company.view, person.name, action="s3:GetObject").roles
        verdicts = {assumption.role: assumption.verdict for assumption in found}
        for role in ROLES:
            if role != person.name:
                check(company, verdicts.get(role, Verdict.NO), person.name, "sts:AssumeRole", role)
