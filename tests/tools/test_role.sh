#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# guise role: who is in which role of a policy file.
set -u
guise=$(realpath "$1")
# shellcheck source=tests/tools/lib.sh
. "$(dirname "$0")/lib.sh"
begin

role() { run "$guise" role "$@"; }

role
expect "role without a subcommand" 2 "" "guise role: expected list, members or check *"
role fly
expect "an unknown subcommand" 2 "" "guise role: fly: expected list, members or check *"
role list extra
expect "list with an argument" 2 "" "guise role list: extra: no argument is expected here *"
role list --policy
expect "a policy without a file" 2 "" "guise role list: option --policy needs a value *"
role members
expect "members without a role" 2 "" "guise role members: expected one ROLE *"
role check
expect "check without a role" 2 "" "guise role check: expected ROLE, or ROLE and USER *"
role check a b c
expect "check with two users" 2 "" "guise role check: expected ROLE, or ROLE and USER *"
role list --policy "$folder/none"
expect "no such file" 4 "" "guise role list: *none*"
run "$guise" help role members
expect "help" 0 "usage: guise role members *--policy FILE* ROLE*"

if [[ $(id -u) == 0 ]]; then
	file=$folder/policy
	cat >"$file" <<-END
		[role Managers]
		members = root, S-1-22-1-64991, S-1-22-2-64992
		[role Night shift]
		members = S-1-22-1-64993
	END
	chmod 644 "$file"
	chmod 711 "$folder"
	role list --policy "$file"
	expect "the list has all roles" 0 $'Managers\nNight shift'
	role members --policy "$file" Managers
	expect "members are those of the file" 0 "*S-1-*S-1-22-1-64991*S-1-22-2-64992"
	role members --policy "$file" "Night shift"
	expect "not those of another role" 0 "*S-1-22-1-64993"
	role members --policy "$file" Night
	expect "a part of a name is no role" 2 "" "guise role members: Night: there is no such role"
	role check --policy "$file" Managers root
	expect "a member is in the role" 0 "yes"
	role check --policy "$file" "Night shift" root
	expect "who is no member is not" 1 "no"
	role check --policy "$file" Managers no-such-user-here
	expect "an unknown account" 2 "" "guise role check: no-such-user-here: no such account"
	role check --policy "$file" Night root
	expect "an unknown role" 2 "" "guise role check: Night: there is no such role"
	as() { run setpriv --reuid "$1" --regid "$2" --clear-groups "$guise" role check \
		--policy "$file" "$3"; }
	as 64991 64000 Managers
	expect "oneself, by the user" 0 "yes"
	as 64999 64992 Managers
	expect "oneself, by a group" 0 "yes"
	as 64999 64000 Managers
	expect "oneself, not" 1 "no"
	echo "nonsense" >"$file"
	role list --policy "$file"
	expect "an error in the file" 2 "" "guise role list: *policy:1: *"
else
	skip "policy files" "they must belong to root"
fi
finish
