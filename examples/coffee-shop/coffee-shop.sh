#!/usr/bin/env bash
# The coffee shop, told with the AWS CLI: who may do what, who may not, and why. README.md has the story.
#
#   examples/coffee-shop/coffee-shop.sh
#
# Talks only to the masugata that was started in this folder, or in MASUGATA_DATA. AWS names the AWS CLI (`aws`),
# MASUGATA the masugata command. Exit status: 0 all as expected, 1 an answer was another, 2 could not begin.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
AWS=${AWS:-aws}
MASUGATA=${MASUGATA:-$(command -v masugata || echo "$here/../../.venv/bin/masugata")}

administrator=$("$MASUGATA" env) || exit 2
eval "$administrator" # the endpoint, so that nothing here can reach another account; and the keys to tidy up with
export AWS_CONFIG_FILE=/dev/null AWS_DEFAULT_OUTPUT=text AWS_PAGER=''
"$AWS" sts get-caller-identity >/dev/null || exit 2

shop=/coffee-shop/ # the path of everything that is made here, and of nothing else
keys=$(mktemp) error=$(mktemp)
answered=0 refused=0 root_key=

# --- asking ---------------------------------------------------------------------------------------------------

as() { # as WHO ARGUMENT…: call the AWS CLI with the keys of WHO
  (
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    export AWS_SHARED_CREDENTIALS_FILE=$keys AWS_PROFILE=$1
    "$AWS" "${@:2}"
  )
}

keep() { # keep WHO KEY-ID SECRET [TOKEN]
  printf '[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$1" "$2" "$3" >>"$keys"
  if [[ ${4:-} ]]; then printf 'aws_session_token = %s\n' "$4" >>"$keys"; fi
}

allowed() { # allowed WHO WHAT ARGUMENT…: must be answered; the answer is in $answer
  answer=$(as "$1" "${@:3}" 2>"$error") || unexpected "$1 $2: should be allowed" "$(reason)"
  printf '  allowed  %s %s\n' "$1" "$2"
  answered=$((answered + 1))
}

denied() { # denied WHO WHAT REASON ARGUMENT…: must be refused, and the server's words must hold REASON
  if as "$1" "${@:4}" >/dev/null 2>"$error"; then unexpected "$1 $2: should be denied" "it was allowed"; fi
  [[ $(reason) == *"$3"* ]] || unexpected "$1 $2: should be denied with the words: $3" "$(reason)"
  printf '  DENIED   %s %s\n           %s\n' "$1" "$2" "$(reason)"
  refused=$((refused + 1))
}

reason() { # the server's own words, without what the CLI puts around them
  sed -nE 's/^.*An error occurred \((\w+)\) when calling the \w+ operation[^:]*: /\1: /p' "$error" | grep . || cat "$error"
}

unexpected() {
  printf '  UNEXPECTED: %s\n           %s\n' "$1" "$2" >&2
  exit 1
}

chapter() { printf '\n%s\n' "$1"; }

# --- tidying up: whatever is in the shop's path -----------------------------------------------------------------

tidy_up() {
  local name item
  [[ -z $root_key ]] || "$MASUGATA" root delete-access-key "$root_key" >/dev/null
  root_key=
  for name in $("$AWS" iam list-users --path-prefix $shop --query 'Users[].UserName'); do
    for item in $("$AWS" iam list-access-keys --user-name "$name" --query 'AccessKeyMetadata[].AccessKeyId'); do
      "$AWS" iam delete-access-key --user-name "$name" --access-key-id "$item"
    done
    for item in $("$AWS" iam list-attached-user-policies --user-name "$name" --query 'AttachedPolicies[].PolicyArn'); do
      "$AWS" iam detach-user-policy --user-name "$name" --policy-arn "$item"
    done
    for item in $("$AWS" iam list-groups-for-user --user-name "$name" --query 'Groups[].GroupName'); do
      "$AWS" iam remove-user-from-group --user-name "$name" --group-name "$item"
    done
    "$AWS" iam delete-user --user-name "$name"
  done
  for name in $("$AWS" iam list-groups --path-prefix $shop --query 'Groups[].GroupName'); do
    for item in $("$AWS" iam list-attached-group-policies --group-name "$name" --query 'AttachedPolicies[].PolicyArn'); do
      "$AWS" iam detach-group-policy --group-name "$name" --policy-arn "$item"
    done
    "$AWS" iam delete-group --group-name "$name"
  done
  for name in $("$AWS" iam list-roles --path-prefix $shop --query 'Roles[].RoleName'); do
    for item in $("$AWS" iam list-attached-role-policies --role-name "$name" --query 'AttachedPolicies[].PolicyArn'); do
      "$AWS" iam detach-role-policy --role-name "$name" --policy-arn "$item"
    done
    "$AWS" iam delete-role --role-name "$name"
  done
  for item in $("$AWS" iam list-policies --scope Local --path-prefix $shop --query 'Policies[].Arn'); do
    "$AWS" iam delete-policy --policy-arn "$item"
  done
  for name in $("$AWS" iam list-instance-profiles --path-prefix $shop --query 'InstanceProfiles[].InstanceProfileName'); do
    "$AWS" iam delete-instance-profile --instance-profile-name "$name"
  done
}

close_the_shop() {
  local status=$?
  trap - EXIT
  echo "closing the shop …"
  set +e
  (set -e && tidy_up) # on its own, since `set -e` does nothing beside `||`
  [[ $? == 0 ]] || status=1
  rm -f "$keys" "$error"
  exit "$status"
}

# --- the shop's verbs -------------------------------------------------------------------------------------------

ring_up=(iam tag-instance-profile --instance-profile-name cash-register --tags Key=latte,Value=480)
refund=(iam untag-instance-profile --instance-profile-name cash-register --tag-keys latte)
look_into_register=(iam list-instance-profile-tags --instance-profile-name cash-register)
count_beans=(iam tag-instance-profile --instance-profile-name inventory-system --tags Key=beans-kg,Value=12)
look_at_stock=(iam list-instance-profile-tags --instance-profile-name inventory-system)

write_policy() { # write_policy NAME: its ARN is in $answer
  allowed deputy "writes the policy $1" iam create-policy --policy-name "$1" --path $shop \
    --policy-document "file://$here/policies/$1.json" --query Policy.Arn
}

hire() { # hire WHO NAME WHAT: WHO makes the user NAME, and gives it an access key
  allowed "$1" "$3" iam create-user --user-name "$2" --path $shop
  allowed "$1" "gives $2 an access key (アクセスキー)" iam create-access-key --user-name "$2" \
    --query 'AccessKey.[AccessKeyId, SecretAccessKey]'
  # shellcheck disable=SC2086 # two words
  keep "$2" $answer
}

# --- the story --------------------------------------------------------------------------------------------------

trap close_the_shop EXIT
trap 'exit 130' INT TERM
tidy_up # what an interrupted run left

chapter "1. The owner is the root user (店長 = ルートユーザー)"
root_key=$("$MASUGATA" root create-access-key --json | sed -E 's/.*"id": ?"(\w+)".*/\1/')
(eval "$("$MASUGATA" env --profile root)" && keep root "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY")
hire root deputy "hires a deputy (副店長)"
allowed root "makes the deputy an administrator (管理者)" iam attach-user-policy --user-name deputy \
  --policy-arn arn:aws:iam::aws:policy/AdministratorAccess
"$MASUGATA" root delete-access-key "$root_key" >/dev/null && root_key=
denied root "tries the key that was deleted again" InvalidClientTokenId sts get-caller-identity

chapter "2. A new employee is an IAM user, and may do nothing (新人 = IAMユーザー)"
allowed deputy "sets up the cash register (レジ)" iam create-instance-profile \
  --instance-profile-name cash-register --path $shop
allowed deputy "sets up the inventory system (在庫システム)" iam create-instance-profile \
  --instance-profile-name inventory-system --path $shop
hire deputy hanako "hires hanako (花子)"
allowed hanako "asks who she is" sts get-caller-identity
denied hanako "looks into the cash register (レジを見る)" "no identity-based policy allows" "${look_into_register[@]}"

chapter "3. A policy says what is allowed (ポリシー)"
write_policy use-cash-register && use_cash_register=$answer
allowed deputy "attaches it to hanako" iam attach-user-policy --user-name hanako --policy-arn "$use_cash_register"
allowed hanako "rings up a latte (レジを打つ)" "${ring_up[@]}"
denied hanako "looks at the stock (在庫を見る)" "no identity-based policy allows" "${look_at_stock[@]}"

chapter "4. A group holds the rights of a post (グループ: レジ係、在庫管理係)"
allowed deputy "takes the policy from hanako" iam detach-user-policy --user-name hanako --policy-arn "$use_cash_register"
denied hanako "rings up a latte (レジを打つ)" "no identity-based policy allows" "${ring_up[@]}"
allowed deputy "makes the group cashiers (レジ係)" iam create-group --group-name cashiers --path $shop
allowed deputy "gives cashiers the cash register" iam attach-group-policy --group-name cashiers \
  --policy-arn "$use_cash_register"
allowed deputy "makes the group inventory-specialists (在庫管理係)" iam create-group \
  --group-name inventory-specialists --path $shop
write_policy use-inventory-system
allowed deputy "gives inventory-specialists the inventory system" iam attach-group-policy \
  --group-name inventory-specialists --policy-arn "$answer"
allowed deputy "adds hanako to cashiers" iam add-user-to-group --group-name cashiers --user-name hanako
allowed hanako "rings up a latte (レジを打つ)" "${ring_up[@]}"

chapter "5. Moving to another post moves the rights (異動)"
allowed deputy "removes hanako from cashiers" iam remove-user-from-group --group-name cashiers --user-name hanako
allowed deputy "adds hanako to inventory-specialists" iam add-user-to-group --group-name inventory-specialists \
  --user-name hanako
denied hanako "rings up a latte (レジを打つ)" "no identity-based policy allows" "${ring_up[@]}"
allowed hanako "counts the beans (在庫を数える)" "${count_beans[@]}"

chapter "6. A role is put on, and the own rights come off (ロール)"
allowed deputy "asks for the account" sts get-caller-identity --query Account && account=$answer
allowed deputy "makes the role stand-in-cashier (レジ応援)" iam create-role --role-name stand-in-cashier --path $shop \
  --assume-role-policy-document '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::'"$account"':root"}, "Action": "sts:AssumeRole"}]}' --query Role.Arn
put_on=(sts assume-role --role-arn "$answer" --role-session-name hanako
  --query 'Credentials.[AccessKeyId, SecretAccessKey, SessionToken]')
allowed deputy "gives the role the cash register" iam attach-role-policy --role-name stand-in-cashier \
  --policy-arn "$use_cash_register"
denied hanako "puts on the role (ロールを引き受ける)" "no identity-based policy allows" "${put_on[@]}"
write_policy may-stand-in
allowed deputy "lets inventory-specialists stand in" iam attach-group-policy --group-name inventory-specialists \
  --policy-arn "$answer"
allowed hanako "puts on the role (ロールを引き受ける)" "${put_on[@]}"
# shellcheck disable=SC2086 # three words
keep hanako-as-cashier $answer
allowed hanako-as-cashier "rings up a latte (レジを打つ)" "${ring_up[@]}"
denied hanako-as-cashier "counts the beans (在庫を数える)" "no identity-based policy allows" "${count_beans[@]}"
allowed hanako "takes the role off, and counts the beans" "${count_beans[@]}"

chapter "7. An explicit deny outweighs every allow, and says which it is (明示的な拒否)"
write_policy no-refunds
allowed deputy "attaches it to the role" iam attach-role-policy --role-name stand-in-cashier --policy-arn "$answer"
denied hanako-as-cashier "refunds a latte (返金する)" "RefundsOnlyByTheOwner" "${refund[@]}"

chapter "8. Everything was written down (証跡 = CloudTrail)"
hanako=$(sed -n '/^\[hanako\]/{n; s/.*= //p;}' "$keys")
allowed deputy "looks up what hanako did with her key" cloudtrail lookup-events \
  --lookup-attributes "AttributeKey=AccessKeyId,AttributeValue=$hanako" --query 'Events[].CloudTrailEvent'
denials=$(grep -oE '"errorCode": ?"AccessDenied"' <<<"$answer" | wc -l)
((denials == 5)) || unexpected "the log should hold 5 denials of hanako" "it holds $denials"
echo "           5 of her calls were denied"

printf '\n%d allowed, %d denied, all as expected\n' "$answered" "$refused"
