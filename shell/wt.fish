# wt's shell integration for fish.
#
# It tells wt where prompts, commands and their output begin and how commands end (OSC 133), and in which directory the
# shell is (OSC 7). wt loads it by itself in shells that it starts; elsewhere, such as over ssh, put this in
# ~/.config/fish/config.fish:
#
#     wt shell-integration fish | source

# wt has put its own directory before the others, for fish to find this file.
if set -q WT_FISH_START
    if set -q WT_FISH_DATA_DIRS
        set -gx XDG_DATA_DIRS "$WT_FISH_DATA_DIRS"
        set -e WT_FISH_DATA_DIRS
    else
        set -e XDG_DATA_DIRS
    end
    set -e WT_FISH_START
end

if status is-interactive; and test "$TERM" != dumb; and not functions -q __wt_prompt
    function __wt_prompt --on-event fish_prompt --description "Tells wt that a prompt begins, and where"
        set -l before $status
        printf '\e]7;file://%s%s\a' $hostname (string escape --style=url -- $PWD)
        # From version 4 on fish marks prompts and commands by itself.
        set -q __wt_marks; and printf '\e]133;A;aid=%s\a' $fish_pid
        return $before
    end

    if string match -qr '^[0-3]\.' -- $version
        set -g __wt_marks
        function __wt_output --on-event fish_preexec --description "Tells wt that a command runs"
            # One that begins with a blank is kept out of the history, and so is all in a private session.
            set -l line (string sub -l 4096 -- "$argv" | string collect)
            set -q fish_private_mode; and set line ""
            printf '\e]133;C;aid=%s;cmdline_url=%s\a' $fish_pid (string escape --style=url -- "$line")
        end

        function __wt_end --on-event fish_postexec --description "Tells wt how a command ended"
            set -l code $status
            printf '\e]133;D;%s;aid=%s\a' $code $fish_pid
            return $code
        end
    end
end
