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
complete -c socklens -n "__fish_socklens_needs_command" -f -a "stat" -d 'Run a program and count its socket calls'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "ps" -d 'List the sessions of this user'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "read" -d 'Show what is left of a session whose command was killed'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "top" -d 'Show a running session live: connections, calls, processes, who waits for whom'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "serve" -d 'Show a session\'s statistics to Prometheus'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "check" -d 'Tell whether programs can be traced'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "fault" -d 'Show and change the fault rules of a running program'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "rules" -d 'Check fault rules, or list the language'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "schema" -d 'Print the JSON Schema of the json format'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "calls" -d 'List the calls that are seen, with their classes'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "version" -d 'Print the version'
complete -c socklens -n "__fish_socklens_needs_command" -f -a "help" -d 'Explain a command, `filters` or `rules`'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s o -l output -d 'Write the log to FILE, not to stderr' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand run" -l format -d 'How the log is written' -r -f -a "text\t''
json\t''
strace\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -l color -d 'When to use colours (NO_COLOR turns `auto` off)' -r -f -a "auto\t''
always\t''
never\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -l payload -d 'In json, also the exact bytes of what is shown of a payload, in base64' -r -f -a "exact\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -s s -l strsize -d 'Bytes of each string and payload to show' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -s e -l trace -d 'Record only these calls: names, %classes, globs (see `socklens help filters`); also inject= and fault=' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l where -d 'Record only calls for which this holds, like \'peer=:443 and failed\'' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l fault -d 'Make calls fail by this rule, like \'recv : short 1\' (see `socklens help rules`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l faults -d 'Make calls fail by the rules of a TOML file' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand run" -l seed -d 'What chance depends on: the same number makes the same decisions' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l realism -d 'How far faults may leave what this kernel does' -r -f -a "kernel\t'Only what this kernel can do'
posix\t'Also what POSIX or other systems do'
any\t'Anything'"
complete -c socklens -n "__fish_socklens_using_subcommand run" -l record-faults -d 'Write the rules and every fault they cause to FILE, for --replay' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand run" -l replay -d 'Cause the faults of FILE again: exactly these, whatever seed, chances and the clock say' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand run" -l wait -d 'The longest the program may be made to wait for the log' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l buffer -d 'Memory for records that have not been read' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l connections -d 'Most open connections to follow at once: 448 bytes of memory each [default: 16384]' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -l memory -d 'Where the session\'s memory is: System V memory, or a file for processes that enter another IPC namespace or begin under a seccomp filter' -r -f -a "auto\t'System V memory where the kernel gives it, else a file'
system-v\t''
file\t''"
complete -c socklens -n "__fish_socklens_using_subcommand run" -s E -l env -d 'Set a variable in the program\'s environment, or with a name alone remove it' -r
complete -c socklens -n "__fish_socklens_using_subcommand run" -s A -l append -d 'Append to the file of -o'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s q -l quiet -d 'No summary at the end'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s x -d 'Strings that are not ASCII in hexadecimal; twice: all strings'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s v -l verbose -d 'Abbreviate nothing'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s y -d 'Show what descriptors are; twice: with protocol and addresses'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s t -d 'Time of day; twice: with microseconds; three times: seconds of the epoch'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s r -l relative -d 'Time since the line before'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s T -d 'Time spent in each call'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l stats -d 'Count as well, and put tables of calls and connections behind the log (see `socklens stat`)'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s f -d 'Follow child processes (they always are; for those used to strace)'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l no-follow -d 'Do not follow child processes'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l lossy -d 'Drop records instead of making the program wait when the log cannot keep up'
complete -c socklens -n "__fish_socklens_using_subcommand run" -l no-wait -d 'End with the program, although processes it left behind still run'
complete -c socklens -n "__fish_socklens_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s o -l output -d 'Write to FILE: not to stderr (tables) or stdout (--json, --csv)' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s S -l sort -d 'What tables are sorted by' -r -f -a "time\t''
calls\t''
errors\t''
bytes\t''
avg-time\t''
min-time\t''
max-time\t''
name\t''"
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l by -d 'Only the table that is grouped by KEY: several keys (--by peer,errno) make several tables. With --json, besides the rest' -r -f -a "call\t''
peer\t''
process\t''
thread\t''
errno\t''
port\t''
host\t''"
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s i -l interval -d 'Print the numbers so far again and again' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l histogram -d 'Draw the distribution of the durations of all calls, or of these (see `socklens help filters`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l heatmap -d 'Draw durations over time: of all calls, or of these; of one connection with --where conn=3' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l openmetrics -d 'Show the statistics to Prometheus at this address, under /metrics, while the program runs' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s e -l trace -d 'Count only these calls: names, %classes, globs (see `socklens help filters`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l where -d 'Count only calls for which this holds, like \'peer=:443 and failed\'' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l connections -d 'Most open connections to follow at once: 448 bytes of memory each [default: 16384]' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l memory -d 'Where the session\'s memory is: System V memory, or a file for processes that enter another IPC namespace or begin under a seccomp filter' -r -f -a "auto\t'System V memory where the kernel gives it, else a file'
system-v\t''
file\t''"
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s E -l env -d 'Set a variable in the program\'s environment, or with a name alone remove it' -r
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l json -d 'One JSON document (its schema: `socklens schema --stats`)'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l csv -d 'Comma-separated values'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s c -d 'Only the table (stat always is what strace\'s -c is; for those used to it)'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s w -d 'Times by the clock (they always are; for those used to strace)'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l ascii -d 'Draw with characters of ASCII only'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l no-times -d 'Count calls, errors and bytes only: the clock is not read'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s f -d 'Follow child processes (they always are; for those used to strace)'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l no-follow -d 'Do not follow child processes'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -l no-wait -d 'End with the program, although processes it left behind still run'
complete -c socklens -n "__fish_socklens_using_subcommand stat" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c socklens -n "__fish_socklens_using_subcommand ps" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s o -l output -d 'Write the log to FILE, not to stderr' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand read" -l format -d 'How the log is written' -r -f -a "text\t''
json\t''
strace\t''"
complete -c socklens -n "__fish_socklens_using_subcommand read" -l color -d 'When to use colours (NO_COLOR turns `auto` off)' -r -f -a "auto\t''
always\t''
never\t''"
complete -c socklens -n "__fish_socklens_using_subcommand read" -l payload -d 'In json, also the exact bytes of what is shown of a payload, in base64' -r -f -a "exact\t''"
complete -c socklens -n "__fish_socklens_using_subcommand read" -s s -l strsize -d 'Bytes of each string and payload to show' -r
complete -c socklens -n "__fish_socklens_using_subcommand read" -l keep -d 'Leave the session where it is'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s A -l append -d 'Append to the file of -o'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s q -l quiet -d 'No summary at the end'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s x -d 'Strings that are not ASCII in hexadecimal; twice: all strings'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s v -l verbose -d 'Abbreviate nothing'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s y -d 'Show what descriptors are; twice: with protocol and addresses'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s t -d 'Time of day; twice: with microseconds; three times: seconds of the epoch'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s r -l relative -d 'Time since the line before'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s T -d 'Time spent in each call'
complete -c socklens -n "__fish_socklens_using_subcommand read" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand top" -s d -l interval -d 'Time between two looks' -r
complete -c socklens -n "__fish_socklens_using_subcommand top" -s t -l tab -d 'Show first: connections, calls, processes or blocked' -r
complete -c socklens -n "__fish_socklens_using_subcommand top" -s s -l sort -d 'Order by: rate, latency, queue, errors, bytes or number' -r
complete -c socklens -n "__fish_socklens_using_subcommand top" -l where -d 'Show only connections for which this holds, like \'peer=:443\' (see `socklens help filters`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand top" -s w -l wait -d 'Wait until there is a session'
complete -c socklens -n "__fish_socklens_using_subcommand top" -s 1 -l once -d 'Print one frame as text and end'
complete -c socklens -n "__fish_socklens_using_subcommand top" -l ascii -d 'Only characters of ASCII'
complete -c socklens -n "__fish_socklens_using_subcommand top" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand serve" -l listen -d 'Address and port to listen on; an address left out means all' -r
complete -c socklens -n "__fish_socklens_using_subcommand serve" -l peers -d 'Most groups of peers to tell apart' -r
complete -c socklens -n "__fish_socklens_using_subcommand serve" -l linger -d 'How long to show the last numbers when the program has ended' -r
complete -c socklens -n "__fish_socklens_using_subcommand serve" -l once -d 'Print one page and end'
complete -c socklens -n "__fish_socklens_using_subcommand serve" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand check" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "list" -d 'Show the rules and their counts'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "add" -d 'Add rules behind those that are there'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "rm" -d 'Take a rule away, by its number or name'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "clear" -d 'Take all rules away'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "pause" -d 'Switch all rules off, or one'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and not __fish_seen_subcommand_from list add rm clear pause resume" -f -a "resume" -d 'Switch all rules on again, or one'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from list" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from add" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from rm" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from clear" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from pause" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from pause" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from resume" -l session -d 'The session: its name, the pid of its command or of a process in it, or its directory; else the youngest' -r
complete -c socklens -n "__fish_socklens_using_subcommand fault; and __fish_seen_subcommand_from resume" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand rules; and not __fish_seen_subcommand_from check list" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand rules; and not __fish_seen_subcommand_from check list" -f -a "check" -d 'Read rules; print their normal form, how each fault is made here, and what is not possible'
complete -c socklens -n "__fish_socklens_using_subcommand rules; and not __fish_seen_subcommand_from check list" -f -a "list" -d 'Print the language, the links and the errors that calls can return'
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from check" -l fault -d 'Make calls fail by this rule, like \'recv : short 1\' (see `socklens help rules`)' -r
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from check" -l faults -d 'Make calls fail by the rules of a TOML file' -r -F
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from check" -l seed -d 'What chance depends on: the same number makes the same decisions' -r
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from check" -l realism -d 'How far faults may leave what this kernel does' -r -f -a "kernel\t'Only what this kernel can do'
posix\t'Also what POSIX or other systems do'
any\t'Anything'"
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c socklens -n "__fish_socklens_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand schema" -l stats -d 'That of `socklens stat --json`, not of the log'
complete -c socklens -n "__fish_socklens_using_subcommand schema" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand calls" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand version" -s h -l help -d 'Print help'
complete -c socklens -n "__fish_socklens_using_subcommand help" -s h -l help -d 'Print help'
