# What zsh reads first in shells that wt starts: it puts things back as they were, reads the user's own file in its
# place, and then loads wt's shell integration. All other files are read by zsh itself, from where they are.

if [[ -n "${WT_ZSH_ZDOTDIR+x}" ]]; then
    'builtin' 'export' ZDOTDIR="$WT_ZSH_ZDOTDIR"
    'builtin' 'unset' WT_ZSH_ZDOTDIR
else
    'builtin' 'unset' ZDOTDIR
fi

{
    [[ ! -r "${ZDOTDIR-$HOME}/.zshenv" ]] || 'builtin' 'source' '--' "${ZDOTDIR-$HOME}/.zshenv"
} always {
    if [[ -o interactive && -n "${WT_ZSH_INTEGRATION-}" ]]; then
        'builtin' 'source' '--' "$WT_ZSH_INTEGRATION"
    fi
    'builtin' 'unset' WT_ZSH_INTEGRATION
}
