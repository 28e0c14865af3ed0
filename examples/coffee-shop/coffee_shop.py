#!/usr/bin/env python3
"""The coffee shop, told with boto3: who may do what, who may not, and why. README.md has the story.

    .venv/bin/python examples/coffee-shop/coffee_shop.py

Talks only to the masugata that was started in this folder, or in MASUGATA_DATA; MASUGATA names the masugata
command. Exit status: 0 all as expected, 1 an answer was another, 2 could not begin.
"""

import json
import subprocess
import sys

from botocore.exceptions import BotoCoreError, ClientError
from shop import ANSWERS, SHOP, Person, UnexpectedError, masugata, open_shop

NO_ALLOW = "no identity-based policy allows"
RING_UP = "rings up a latte (レジを打つ)"
COUNT_BEANS = "counts the beans (在庫を数える)"
PUT_ON = "puts on the role (ロールを引き受ける)"


def chapter(title: str) -> None:
    """Say what comes next."""
    print(f"\n{title}")


def owner_hires_a_deputy() -> Person:
    """The root user makes the first administrator, and puts its key away."""
    chapter("1. The owner is the root user (店長 = ルートユーザー)")
    root_key = masugata("root", "create-access-key")["id"]
    try:
        keys = masugata("env", "--profile", "root")
        root = Person("root", keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
        deputy = root.hires("deputy", "hires a deputy (副店長)")
        root.may(
            "makes the deputy an administrator (管理者)",
            root.iam.attach_user_policy,
            UserName="deputy",
            PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess",
        )
    finally:
        masugata("root", "delete-access-key", root_key)
    root.may_not("tries the key that was deleted again", "InvalidClientTokenId", root.sts.get_caller_identity)
    return deputy


def new_employee(deputy: Person) -> Person:
    """A new user may do nothing."""
    chapter("2. A new employee is an IAM user, and may do nothing (新人 = IAMユーザー)")
    for name, what in (
        ("cash-register", "sets up the cash register (レジ)"),
        ("inventory-system", "sets up the inventory system (在庫システム)"),
    ):
        deputy.may(what, deputy.iam.create_instance_profile, InstanceProfileName=name, Path=SHOP)
    hanako = deputy.hires("hanako", "hires hanako (花子)")
    hanako.may("asks who she is", hanako.sts.get_caller_identity)
    hanako.may_not("looks into the cash register (レジを見る)", NO_ALLOW, hanako.looks_into_register)
    return hanako


def policy(deputy: Person, hanako: Person) -> str:
    """A policy names actions and resources; all else stays forbidden."""
    chapter("3. A policy says what is allowed (ポリシー)")
    arn = deputy.writes_policy("use-cash-register")
    deputy.may("attaches it to hanako", deputy.iam.attach_user_policy, UserName="hanako", PolicyArn=arn)
    hanako.may(RING_UP, hanako.rings_up)
    hanako.may_not("looks at the stock (在庫を見る)", NO_ALLOW, hanako.looks_at_stock)
    return arn


def groups(deputy: Person, hanako: Person, use_cash_register: str) -> None:
    """A group gives its members what its post needs."""
    chapter("4. A group holds the rights of a post (グループ: レジ係、在庫管理係)")
    iam = deputy.iam
    deputy.may(
        "takes the policy from hanako",
        iam.detach_user_policy,
        UserName="hanako",
        PolicyArn=use_cash_register,
    )
    hanako.may_not(RING_UP, NO_ALLOW, hanako.rings_up)
    deputy.may("makes the group cashiers (レジ係)", iam.create_group, GroupName="cashiers", Path=SHOP)
    deputy.may(
        "gives cashiers the cash register",
        iam.attach_group_policy,
        GroupName="cashiers",
        PolicyArn=use_cash_register,
    )
    deputy.may(
        "makes the group inventory-specialists (在庫管理係)",
        iam.create_group,
        GroupName="inventory-specialists",
        Path=SHOP,
    )
    deputy.may(
        "gives inventory-specialists the inventory system",
        iam.attach_group_policy,
        GroupName="inventory-specialists",
        PolicyArn=deputy.writes_policy("use-inventory-system"),
    )
    deputy.may("adds hanako to cashiers", iam.add_user_to_group, GroupName="cashiers", UserName="hanako")
    hanako.may(RING_UP, hanako.rings_up)


def another_post(deputy: Person, hanako: Person) -> None:
    """Moving a user from one group to the other moves the rights."""
    chapter("5. Moving to another post moves the rights (異動)")
    for what, call, group in (
        ("removes hanako from cashiers", deputy.iam.remove_user_from_group, "cashiers"),
        ("adds hanako to inventory-specialists", deputy.iam.add_user_to_group, "inventory-specialists"),
    ):
        deputy.may(what, call, GroupName=group, UserName="hanako")
    hanako.may_not(RING_UP, NO_ALLOW, hanako.rings_up)
    hanako.may(COUNT_BEANS, hanako.counts_beans)


def role(deputy: Person, hanako: Person, use_cash_register: str) -> Person:
    """A role gives its rights for a while, instead of one's own."""
    chapter("6. A role is put on, and the own rights come off (ロール)")
    account = deputy.may("asks for the account", deputy.sts.get_caller_identity)["Account"]
    owner = {"AWS": f"arn:aws:iam::{account}:root"}
    trust = {"Effect": "Allow", "Principal": owner, "Action": "sts:AssumeRole"}
    made = deputy.may(
        "makes the role stand-in-cashier (レジ応援)",
        deputy.iam.create_role,
        RoleName="stand-in-cashier",
        Path=SHOP,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    put_on = {"RoleArn": made["Role"]["Arn"], "RoleSessionName": "hanako"}
    deputy.may(
        "gives the role the cash register",
        deputy.iam.attach_role_policy,
        RoleName="stand-in-cashier",
        PolicyArn=use_cash_register,
    )
    hanako.may_not(PUT_ON, NO_ALLOW, hanako.sts.assume_role, **put_on)
    deputy.may(
        "lets inventory-specialists stand in",
        deputy.iam.attach_group_policy,
        GroupName="inventory-specialists",
        PolicyArn=deputy.writes_policy("may-stand-in"),
    )
    keys = hanako.may(PUT_ON, hanako.sts.assume_role, **put_on)["Credentials"]
    cashier = Person("hanako-as-cashier", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    cashier.may(RING_UP, cashier.rings_up)
    cashier.may_not(COUNT_BEANS, NO_ALLOW, cashier.counts_beans)
    hanako.may("takes the role off, and counts the beans", hanako.counts_beans)
    return cashier


def explicit_deny(deputy: Person, cashier: Person) -> None:
    """A deny wins over every allow, and names its policy and statement."""
    chapter("7. An explicit deny outweighs every allow, and says which it is (明示的な拒否)")
    arn = deputy.writes_policy("no-refunds")
    attach = deputy.iam.attach_role_policy
    deputy.may("attaches it to the role", attach, RoleName="stand-in-cashier", PolicyArn=arn)
    cashier.may_not("refunds a latte (返金する)", "RefundsOnlyByTheOwner", cashier.refunds)


def written_down(deputy: Person, hanako: Person) -> None:
    """CloudTrail has every call, the refused ones too."""
    chapter("8. Everything was written down (証跡 = CloudTrail)")
    found = deputy.may(
        "looks up what hanako did with her key",
        deputy.cloudtrail.lookup_events,
        LookupAttributes=[{"AttributeKey": "AccessKeyId", "AttributeValue": hanako.key_id}],
    )
    events = [json.loads(event["CloudTrailEvent"]) for event in found["Events"]]
    denials = sum(event.get("errorCode") == "AccessDenied" for event in events)
    if denials != 5:
        raise UnexpectedError(f"the log should hold 5 denials of hanako: it holds {denials}")
    print(f"           {denials} of her calls were denied")


def story() -> None:
    """The whole of it, in order."""
    deputy = owner_hires_a_deputy()
    hanako = new_employee(deputy)
    use_cash_register = policy(deputy, hanako)
    groups(deputy, hanako, use_cash_register)
    another_post(deputy, hanako)
    cashier = role(deputy, hanako, use_cash_register)
    explicit_deny(deputy, cashier)
    written_down(deputy, hanako)


def main() -> int:
    """Tell it, and say how it went."""
    try:
        with open_shop():
            story()
            print("\n{allowed} allowed, {denied} denied, all as expected".format(**ANSWERS))
    except UnexpectedError as error:
        print(f"  UNEXPECTED: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:  # the masugata command, which has said why
        return 2
    except (BotoCoreError, ClientError, OSError) as error:
        print(f"coffee_shop.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
