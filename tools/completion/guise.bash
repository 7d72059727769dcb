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
		_guise_words "grant restrict issue list show revoke" "$current"
		return
	fi
	case ${COMP_WORDS[2]} in
	grant | restrict | issue)
		case $previous in
		--for | --user) mapfile -t COMPREPLY < <(compgen -u -- "$current") ;;
		--group) mapfile -t COMPREPLY < <(compgen -g -- "$current") ;;
		--level) _guise_words "anonymous identify impersonate delegate" "$current" ;;
		--rights) _guise_words "read write execute delete modify full" "$current" ;;
		--ttl) _guise_words "10m 1h 8h 1d" "$current" ;;
		--share | --privilege) ;;
		*)
			case ${COMP_WORDS[2]} in
			grant) _guise_words "--for --level --rights --share --ttl --help" "$current" ;;
			restrict) _guise_words "--level --rights --share --ttl --help" "$current" ;;
			issue)
				_guise_words "--user --group --privilege --for --level --ttl --help" "$current"
				;;
			esac
			;;
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
		_guise_words "show set whoami token run why policy role help --help --version" "$current"
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
	role)
		if ((COMP_CWORD == 2)); then
			_guise_words "list members check" "$current"
		elif [[ $previous == --policy ]]; then
			_guise_files "$current"
		elif [[ $current == -* ]]; then
			_guise_words "--policy --help" "$current"
		elif [[ ${COMP_WORDS[2]} == check ]] && ((COMP_CWORD >= 4)); then
			mapfile -t COMPREPLY < <(compgen -u -- "$current")
		fi
		;;
	run) _guise_run "$current" "$previous" ;;
	why)
		if [[ $previous == --audit ]]; then
			_guise_files "$current"
		elif [[ $previous != --id ]]; then
			_guise_words "--id --audit --help" "$current"
		fi
		;;
	policy)
		if ((COMP_CWORD == 2)); then
			_guise_words "check show reload" "$current"
		elif ((COMP_CWORD == 3)) && [[ ${COMP_WORDS[2]} != reload ]]; then
			_guise_files "$current"
		fi
		;;
	help)
		if ((COMP_CWORD == 2)); then
			_guise_words "show set whoami token run why policy role help" "$current"
		elif ((COMP_CWORD == 3)) && [[ $previous == policy ]]; then
			_guise_words "check show reload" "$current"
		elif ((COMP_CWORD == 3)) && [[ $previous == role ]]; then
			_guise_words "list members check" "$current"
		elif ((COMP_CWORD == 3)) && [[ $previous == token ]]; then
			_guise_words "grant restrict issue list show revoke" "$current"
		fi
		;;
	esac
}

complete -F _guise guise
