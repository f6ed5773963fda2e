# wt's shell integration for bash, 4.4 or later.
#
# It tells wt where prompts, commands and their output begin and how commands end (OSC 133), and in which directory the
# shell is (OSC 7). wt loads it by itself in shells that it starts; elsewhere, such as over ssh, put this in ~/.bashrc:
#
#     eval "$(wt shell-integration bash)"
#
# It adds to PS0 and PS1. PROMPT_COMMAND is left alone unless something stands in it, which may set PS1 anew; traps are
# never touched.

# wt starts bash in POSIX mode, in which it reads this file in place of all others; what it would have read follows.
if [ -n "${WT_BASH_START-}" ]; then
    builtin unset WT_BASH_START
    if [ -n "${WT_BASH_ENV-}" ]; then
        ENV=$WT_BASH_ENV
        builtin unset WT_BASH_ENV
    else
        builtin unset ENV
    fi
    builtin set +o posix
    builtin shopt -u inherit_errexit 2>/dev/null || :
    # What POSIX mode has chosen otherwise.
    if [ "${HISTFILE-}" = "$HOME/.sh_history" ]; then HISTFILE=$HOME/.bash_history; fi
    if [ "${PS1-}" = '$ ' ]; then PS1='\s-\v\$ '; fi
    if builtin shopt -q login_shell; then
        if [ -r /etc/profile ]; then builtin source /etc/profile; fi
        if [ -r ~/.bash_profile ]; then
            builtin source ~/.bash_profile
        elif [ -r ~/.bash_login ]; then
            builtin source ~/.bash_login
        elif [ -r ~/.profile ]; then
            builtin source ~/.profile
        fi
    else
        if [ -r /etc/bash.bashrc ]; then builtin source /etc/bash.bashrc; fi
        if [ -r ~/.bashrc ]; then builtin source ~/.bashrc; fi
    fi
fi

# Prints the mark before a command's output, with the last line of the history. Runs in PS0's own process: nothing that it
# changes is the shell's.
__wt_output() {
    builtin local line number said=cmdline_url
    line=$(HISTTIMEFORMAT='' builtin history 1 2>/dev/null)
    line=${line#"${line%%[![:space:]]*}"}
    number=${line%%[![:digit:]]*}
    line=${line#"$number"}
    line=${line#\*}
    line=${line#"${line%%[![:space:]]*}"}
    # The same number as at the prompt: it is the same line once more, or was kept out of the history.
    if [ -z "$number" ] || [ "$number" = "${__wt_number-}" ]; then said=repeated_url; fi
    line=${line:0:4096}
    line=${line//'%'/%25}
    line=${line//';'/%3b}
    line=${line//$'\n'/%0a}
    line=${line//$'\t'/%09}
    line=${line//[[:cntrl:]]/}
    builtin printf '\e]133;C;aid=%s;%s=%s\a' "$$" "$said" "$line"
}

# Puts the marks around the prompt, if something has set it anew.
__wt_prompt() {
    case ${PS1-} in
        *'133;A;'*) ;;
        *)
            PS1='\[\e]133;D;$?;aid=$$\a\e]7;kitty-shell-cwd://\H${PWD//[[:cntrl:]]/}\a\e]133;A;aid=$$\a\]'${PS1-}
            PS1+='\[${__wt_[__wt_number=\!-1]-}\e]133;B;aid=$$\a\]'
            ;;
    esac
    case ${PS0-} in
        *__wt_output*) ;;
        *) PS0='$(__wt_output 2>/dev/null)'${PS0-} ;;
    esac
    # Among the functions of bash-preexec this one has to be the last: any of them may set PS1.
    case " ${precmd_functions[*]-} " in
        *' __wt_prompt '?*)
            local each others=()
            for each in "${precmd_functions[@]}"; do
                if [ "$each" != __wt_prompt ]; then others+=("$each"); fi
            done
            precmd_functions=("${others[@]}" __wt_prompt)
            ;;
    esac
    return 0
}

if [[ $- == *i* && ${TERM-} != dumb && ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 44 ]] && builtin shopt -q promptvars; then
    case $(builtin declare -p PROMPT_COMMAND 2>/dev/null) in
        *__wt_prompt*) ;;
        *__bp_*) precmd_functions+=(__wt_prompt) ;;
        'declare -a'*) PROMPT_COMMAND+=(__wt_prompt) ;;
        *)
            if [ -n "${PROMPT_COMMAND-}" ]; then
                # If it is exported, a shell in this one has the variable and not the function.
                PROMPT_COMMAND+=$'\nbuiltin declare -F __wt_prompt >/dev/null && __wt_prompt'
            fi
            ;;
    esac
    __wt_prompt
fi
