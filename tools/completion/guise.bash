# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of guise(1) for bash: guise itself knows what may follow.
#
# Names of accounts and files are anybody's choice.  What is put into the line is quoted as the
# place demands, and nothing that came from elsewhere is expanded.

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

# Prints $1 as it must stand in the line, behind the quotation mark $quote if there is one.
_guise_quoted()
{
	local word=$1 text='' i

	case $quote in
	\')
		text=${word//\'/\'\\\'\'}
		;;
	\")
		for ((i = 0; i < ${#word}; i++)); do
			case ${word:i:1} in
			[\\\$\`\"]) text+="\\${word:i:1}" ;;
			'!') text+="\"'!'\"" ;; # where no history is looked for
			*) text+=${word:i:1} ;;
			esac
		done
		;;
	*)
		printf -v text '%q' "$word"
		;;
	esac
	# readline takes a mark at the end for the closing one
	[[ ! $quote || $text != *"$quote" ]] || text+=$quote
	printf '%s' "$text"
}

# What "guise help --complete" says may follow, into $said and $paths; $1 is the last word.
_guise_take()
{
	local line one current=$1
	local -a serials

	while IFS= read -r line; do
		case $line in
		:path) mapfile -t paths < <(compgen -f -- "$current") ;;
		:program) mapfile -t -O "${#said[@]}" said < <(compgen -c -- "$current") ;;
		:serial)
			mapfile -t serials < <(_guise_serials)
			for one in "${serials[@]}"; do
				[[ $one != "$current"* ]] || said+=("$one")
			done
			;;
		=*)
			line=${line#=}
			line=${line%%$'\t'*}
			[[ $line != *: ]] || compopt -o nospace
			said+=("$line")
			;;
		esac
	done
}

# Paths among other words: readline would quote these with them, once more.
_guise_mix()
{
	local one tilde

	for one in "${said[@]}"; do
		COMPREPLY+=("$(_guise_quoted "$one")")
	done
	for one in "${paths[@]}"; do
		tilde=''
		[[ $quote || $one != '~'* || $current != '~'* ]] || tilde='~'
		[[ ! -d $one ]] || one+=/
		COMPREPLY+=("$tilde$(_guise_quoted "${one#"$tilde"}")")
	done
	if ((${#COMPREPLY[@]} == 1 && ${#paths[@]} == 1)) && [[ ${COMPREPLY[0]} == */ ]]; then
		compopt -o nospace
	fi
}

_guise()
{
	local -a words said=() paths=()
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
	there=$(_guise_quoted "${current%:*}"):
	if ((${#said[@]})); then
		_guise_mix
	else
		# readline quotes them itself
		compopt -o filenames
		COMPREPLY=("${paths[@]}")
		there=${current%:*}:
	fi
	# readline replaces only what follows the last ':' of a word without quotes
	if [[ ! $quote && $COMP_WORDBREAKS == *:* && $current == *:* ]]; then
		for i in "${!COMPREPLY[@]}"; do
			COMPREPLY[i]=${COMPREPLY[i]#"$there"}
		done
	fi
}

complete -F _guise guise
