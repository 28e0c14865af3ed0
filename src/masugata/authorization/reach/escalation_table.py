"""How somebody gets rights that it was not given: the known ways, as data.

Each way needs all of its permissions, and is a step from who has them to what they give. Sources: the pages
named, for what the operations do; https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
for handing roles to services.
"""

from enum import Enum
from typing import Final, NamedTuple

_API: Final = "https://docs.aws.amazon.com/IAM/latest/APIReference/API_"
ADMINISTRATOR_ACCESS: Final = "policy/AdministratorAccess"


class Gives(Enum):
    """What a way gives."""

    USER = "to act as the user"
    ROLE = "to act as the role"
    POLICY = "any policy to whom the target gives its rights"
    VERSION = "an older or newer version of a policy to whom has it"
    MEMBERSHIP = "the rights of a group to a user"
    NO_BOUNDARY = "no boundary any more"


class Way(NamedTuple):
    """An action on one of IAM's entities (`target`: user, group, role or policy) and what it gives."""

    action: str
    target: str
    gives: Gives

    @property
    def source(self) -> str:
        """The page that says what the operation does."""
        return f"{_API}{self.action.partition(':')[2]}.html"


class Service(NamedTuple):
    """A service that runs what it is given with a role that is passed to it.

    `actions` are needed beside iam:PassRole. `existing` are ways to run something with the role of what is
    already there: nobody knows from policies alone whether there is something, so they are possible at most.
    """

    principal: str
    actions: tuple[tuple[str, ...], ...]
    existing: tuple[tuple[str, ...], ...] = ()
    source: str = ""


WAYS: Final = (
    Way("iam:CreateAccessKey", "user", Gives.USER),
    Way("iam:CreateLoginProfile", "user", Gives.USER),
    Way("iam:UpdateLoginProfile", "user", Gives.USER),
    Way("iam:UpdateAssumeRolePolicy", "role", Gives.ROLE),
    Way("iam:AttachUserPolicy", "user", Gives.POLICY),
    Way("iam:PutUserPolicy", "user", Gives.POLICY),
    Way("iam:AttachGroupPolicy", "group", Gives.POLICY),
    Way("iam:PutGroupPolicy", "group", Gives.POLICY),
    Way("iam:AttachRolePolicy", "role", Gives.POLICY),
    Way("iam:PutRolePolicy", "role", Gives.POLICY),
    Way("iam:CreatePolicyVersion", "policy", Gives.POLICY),
    Way("iam:SetDefaultPolicyVersion", "policy", Gives.VERSION),
    Way("iam:AddUserToGroup", "group", Gives.MEMBERSHIP),
    Way("iam:DeleteUserPermissionsBoundary", "user", Gives.NO_BOUNDARY),
    Way("iam:PutUserPermissionsBoundary", "user", Gives.NO_BOUNDARY),
    Way("iam:DeleteRolePermissionsBoundary", "role", Gives.NO_BOUNDARY),
    Way("iam:PutRolePermissionsBoundary", "role", Gives.NO_BOUNDARY),
)

SERVICES: Final = (
    Service(
        "lambda.amazonaws.com",
        (
            ("lambda:CreateFunction", "lambda:InvokeFunction"),
            ("lambda:CreateFunction", "lambda:AddPermission"),
            ("lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
        ),
        (("lambda:UpdateFunctionCode",), ("lambda:UpdateFunctionConfiguration",)),
        "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html",
    ),
    Service(
        "ec2.amazonaws.com",
        (("ec2:RunInstances",), ("ec2:AssociateIamInstanceProfile",)),
        (("ssm:SendCommand",), ("ssm:StartSession",), ("ec2-instance-connect:SendSSHPublicKey",)),
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html",
    ),
    Service(
        "ecs-tasks.amazonaws.com",
        (("ecs:RegisterTaskDefinition", "ecs:RunTask"), ("batch:RegisterJobDefinition", "batch:SubmitJob")),
        (("ecs:ExecuteCommand",),),
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html",
    ),
    Service(
        "cloudformation.amazonaws.com",
        (("cloudformation:CreateStack",),),
        (
            ("cloudformation:UpdateStack",),
            ("cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"),
        ),
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html",
    ),
    Service(
        "codebuild.amazonaws.com",
        (("codebuild:CreateProject", "codebuild:StartBuild"),),
        (("codebuild:UpdateProject", "codebuild:StartBuild"),),
        "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html",
    ),
    Service(
        "glue.amazonaws.com",
        (("glue:CreateJob", "glue:StartJobRun"), ("glue:CreateDevEndpoint",), ("glue:CreateSession",)),
        (("glue:UpdateJob", "glue:StartJobRun"), ("glue:UpdateDevEndpoint",)),
        "https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html",
    ),
    Service(
        "sagemaker.amazonaws.com",
        (
            ("sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"),
            ("sagemaker:CreateTrainingJob",),
            ("sagemaker:CreateProcessingJob",),
        ),
        (("sagemaker:CreatePresignedNotebookInstanceUrl",),),
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    Service(
        "states.amazonaws.com",
        (("states:CreateStateMachine", "states:StartExecution"),),
        (("states:UpdateStateMachine", "states:StartExecution"),),
        "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html",
    ),
    Service(
        "scheduler.amazonaws.com",
        (("scheduler:CreateSchedule",),),
        (("scheduler:UpdateSchedule",),),
        "https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html",
    ),
    Service(
        "ssm.amazonaws.com",
        (("ssm:StartAutomationExecution",),),
        (),
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup.html",
    ),
    Service(
        "datapipeline.amazonaws.com",
        (
            (
                "datapipeline:CreatePipeline",
                "datapipeline:PutPipelineDefinition",
                "datapipeline:ActivatePipeline",
            ),
        ),
        (),
        "https://docs.aws.amazon.com/datapipeline/latest/DeveloperGuide/dp-iam-roles.html",
    ),
)

# Whoever may do all of this, and what no policy names, is an administrator.
ADMINISTRATION: Final = (
    *(way.action for way in WAYS),
    "iam:PassRole",
    "iam:CreateUser",
    "iam:CreateRole",
)
