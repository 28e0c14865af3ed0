#!/usr/bin/env bash
# What CI runs: the checks, the table of decisions, the program's tests, and what a change allows anew.
#
#   ./check.sh              the first three
#   ./check.sh main         and what these policies allow that those of the branch `main` do not
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH=$PWD/../../.venv/bin:$PATH # in a checkout of masugata; elsewhere there is no such folder

echo "== well made?"
masugata policy check policies/*.json

echo "== decided as they should be?"
python cases.py | masugata policy test -

echo "== does the program work with them?"
python -m pytest -q "${PYTEST:--p no:cacheprovider}" test_app_roles.py

[[ $# -eq 0 ]] && exit
echo "== what is new since $1?"
git rev-parse --quiet --verify "$1^{commit}" >/dev/null || { echo "there is no $1 to compare with" >&2; exit 2; }
before=$(mktemp -d)
trap 'rm -r "$before"' EXIT
for file in policies/*.json; do
  git show "$1:./$file" >"$before/policy.json" 2>/dev/null || continue # a new file: the review has all of it
  # Status 1 means new permissions. They are no failure: they are what whoever reviews the change has to see.
  masugata policy diff "$before/policy.json" "$file" || [[ $? -eq 1 ]]
done
