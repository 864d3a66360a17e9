# Completes helm-clas in fish: the program itself says what may stand there.

function __helm_clas_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program __complete $words "$last" 2>/dev/null)
        switch $line
            case ':0'
                __fish_complete_path "$last"
            case ':*'
            case '*'
                echo $line
        end
    end
end

complete -c helm-clas -f -a '(__helm_clas_complete)'
