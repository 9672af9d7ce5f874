# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_socklens_global_optspecs
    string join \n h/help V/version
end

function __fish_socklens_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_socklens_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_socklens_using_subcommand
    set -l cmd (__fish_socklens_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c socklens -n "__fish_socklens_needs_command" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_needs_command" -s V -l version -d 'Print version'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "run" -d 'Run a program and log its socket calls'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "check" -d 'Tell whether programs can be traced'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "schema" -d 'Print the JSON Schema of the json format'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "calls" -d 'List the calls that are seen, with their classes'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "version" -d 'Print the version'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "help" -d 'Explain a command, or `filters`'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s o -l output -d 'Write the log to FILE, not to stderr' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand run" -l format -d 'How the log is written' -r -f -a "text\t''
json\t''
strace\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -l color -d 'When to use colours (NO_COLOR turns `auto` off)' -r -f -a "auto\t''
always\t''
never\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -l payload -d 'In json, also every payload\'s exact bytes in base64' -r -f -a "exact\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -s e -l trace -d 'Record only these calls: names, %classes, globs (see `socklens help filters`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l where -d 'Record only calls for which this holds, like \'peer=:443 and failed\'' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -s s -l strsize -d 'Bytes of each string and payload to show' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l wait -d 'The longest the program may be made to wait for the log' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l buffer -d 'Memory for records that have not been read' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -s E -l env -d 'Set a variable in the program\'s environment, or with a name alone remove it' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -s A -l append -d 'Append to the file of -o'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s q -l quiet -d 'No summary at the end'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s f -d 'Follow child processes (they always are; for those used to strace)'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l no-follow -d 'Do not follow child processes'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s x -d 'Strings that are not ASCII in hexadecimal; twice: all strings'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s v -l verbose -d 'Abbreviate nothing'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s y -d 'Show what descriptors are; twice: with protocol and addresses'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s t -d 'Time of day; twice: with microseconds; three times: seconds of the epoch'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s r -l relative -d 'Time since the line before'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s T -d 'Time spent in each call'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l lossy -d 'Drop records instead of making the program wait when the log cannot keep up'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l no-wait -d 'End with the program, although processes it left behind still run'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand check" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand schema" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand calls" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand version" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand help" -s h -l help -d 'Print help'
