# wt's shell integration for zsh.
#
# It tells wt where prompts, commands and their output begin and how commands end (OSC 133), and in which directory the
# shell is (OSC 7). wt loads it by itself in shells that it starts; elsewhere, such as over ssh, put this in ~/.zshrc:
#
#     eval "$(wt shell-integration zsh)"

# Runs before each prompt, after all others of its kind: themes set the prompt anew there.
__wt_precmd() {
    builtin local -i code=$?
    builtin emulate -L zsh
    if [[ ${precmd_functions[-1]} != __wt_precmd ]]; then
        precmd_functions=(${precmd_functions:#__wt_precmd} __wt_precmd)
    fi
    builtin print -rn -- $'\e]133;D;'"$code;aid=$$"$'\a\e]7;kitty-shell-cwd://'"${HOST-}${PWD//[[:cntrl:]]/}"$'\a'
    if [[ ${PS1-} != *'133;A;'* ]]; then
        PS1=$'%{\e]133;A;aid='"$$"$'\a%}'"${PS1-}"$'%{\e]133;B;aid='"$$"$'\a%}'
    fi
    return 0
}

# Runs before each command, which comes as it was typed. One that the history does not keep begins with a blank still.
__wt_preexec() {
    builtin emulate -L zsh
    builtin local line=${${1:-${3-}}[1,4096]}
    if [[ ! -o hist_ignore_space ]]; then line=${line##[[:blank:]]#}; fi
    if [[ -n ${HISTORY_IGNORE-} && $line == ${~HISTORY_IGNORE} ]]; then line=; fi
    line=${line//\%/%25}
    line=${line//;/%3b}
    line=${line//$'\n'/%0a}
    line=${line//$'\t'/%09}
    line=${line//[[:cntrl:]]/}
    builtin print -rn -- $'\e]133;C;aid='"$$;cmdline_url=$line"$'\a'
    return 0
}

if [[ -o interactive && ${TERM-} != dumb && -o prompt_percent ]]; then
    builtin typeset -ga precmd_functions preexec_functions
    if (( ! ${precmd_functions[(Ie)__wt_precmd]} )); then
        precmd_functions+=(__wt_precmd)
        preexec_functions+=(__wt_preexec)
    fi
fi
