# Completes helm-clas in bash: the program itself says what may stand there.

_helm__clas() {
    local line directive="" program=${COMP_WORDS[0]/#\~/$HOME}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :*) directive=${line#:} ;;
            *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
    done < <("$program" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case $directive in
        0) compopt -o default 2>/dev/null ;;
        2) compopt -o nospace 2>/dev/null ;;
    esac
    return 0
}

complete -F _helm__clas helm-clas
