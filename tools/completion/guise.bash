# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of guise(1) for bash.

_guise_serials()
{
	guise token list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

_guise_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_guise_files()
{
	compopt -o filenames
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_guise_token()
{
	local current=$1 previous=$2

	if ((COMP_CWORD == 2)); then
		_guise_words "grant list show revoke" "$current"
		return
	fi
	case ${COMP_WORDS[2]} in
	grant)
		case $previous in
		--for) mapfile -t COMPREPLY < <(compgen -u -- "$current") ;;
		--level) _guise_words "anonymous identify impersonate delegate" "$current" ;;
		--ttl) _guise_words "10m 1h 8h 1d" "$current" ;;
		*) _guise_words "--for --level --ttl --help" "$current" ;;
		esac
		;;
	show | revoke)
		if ((COMP_CWORD == 3)); then
			_guise_words "$(_guise_serials) --help" "$current"
		fi
		;;
	esac
}

_guise_run()
{
	local current=$1 previous=$2 i

	case $previous in
	--token)
		_guise_words "$(_guise_serials)" "$current"
		return
		;;
	esac
	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--token) i=$((i + 1)) ;;
		--) ;;
		-*) ;;
		*)
			_guise_files "$current"
			return
			;;
		esac
	done
	if [[ $current == -* ]]; then
		_guise_words "--token --help --" "$current"
	else
		mapfile -t COMPREPLY < <(compgen -c -- "$current")
	fi
}

_guise()
{
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_guise_words "show set whoami token run help --help --version" "$current"
		return
	fi
	case ${COMP_WORDS[1]} in
	show | whoami)
		if [[ $previous == --format && ${COMP_WORDS[1]} == show ]]; then
			_guise_words "text sddl" "$current"
		elif [[ $previous == --format ]]; then
			_guise_words "text raw" "$current"
		elif [[ $current == -* ]]; then
			_guise_words "--format --help" "$current"
		else
			_guise_files "$current"
		fi
		;;
	set)
		if ((COMP_CWORD == 2)); then
			_guise_files "$current"
		fi
		;;
	token) _guise_token "$current" "$previous" ;;
	run) _guise_run "$current" "$previous" ;;
	help)
		if ((COMP_CWORD == 2)); then
			_guise_words "show set whoami token run help" "$current"
		elif ((COMP_CWORD == 3)) && [[ $previous == token ]]; then
			_guise_words "grant list show revoke" "$current"
		fi
		;;
	esac
}

complete -F _guise guise
