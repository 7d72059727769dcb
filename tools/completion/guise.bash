# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of guise(1) for bash: guise itself knows what may follow.

_guise_serials()
{
	guise token list 2>/dev/null | awk 'NR > 1 { print $1 }'
}

# The words of the line up to the cursor in $words: readline takes them apart at ':' and '='.
_guise_words()
{
	local rest=${COMP_LINE:0:COMP_POINT} i

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then
			words+=("")
		fi
		rest=${rest#"${rest%%[![:blank:]]*}"}
		words[-1]+=${COMP_WORDS[i]}
		rest=${rest#"${COMP_WORDS[i]}"}
	done
}

# Adds what "guise help --complete" says to COMPREPLY; $1 is the last word.
_guise_take()
{
	local line word current=$1

	while IFS= read -r line; do
		case $line in
		:path)
			compopt -o filenames
			while IFS= read -r word; do
				COMPREPLY+=("$word")
			done < <(compgen -f -- "$current")
			;;
		:program) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$current") ;;
		:serial)
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$(_guise_serials)" -- "$current")
			;;
		=*)
			line=${line#=}
			word=${line%%$'\t'*}
			[[ $word != *: ]] || compopt -o nospace
			if [[ $quote ]]; then
				COMPREPLY+=("$word")
			else
				COMPREPLY+=("$(printf '%q' "$word")")
			fi
			;;
		esac
	done
}

_guise()
{
	local -a words
	local current quote='' there i

	COMPREPLY=()
	_guise_words
	for ((i = 1; i < ${#words[@]}; i++)); do
		case ${words[i]} in
		[\'\"]*)
			quote=${words[i]:0:1}
			words[i]=${words[i]:1}
			words[i]=${words[i]%"$quote"}
			;;
		*)
			quote=''
			words[i]=${words[i]//\\/}
			;;
		esac
	done
	current=${words[-1]}
	_guise_take "$current" < <(guise help --complete "${words[@]:1}" 2>/dev/null)
	# readline replaces only what follows the last ':' of a word without quotes
	if [[ ! $quote && $COMP_WORDBREAKS == *:* && $current == *:* ]]; then
		there=$(printf '%q' "${current%:*}"):
		for i in "${!COMPREPLY[@]}"; do
			COMPREPLY[i]=${COMPREPLY[i]#"$there"}
		done
	fi
}

complete -F _guise guise
