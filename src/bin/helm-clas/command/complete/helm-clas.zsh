#compdef helm-clas
# Completes helm-clas in zsh: the program itself says what may stand there.

_helm-clas() {
    local line directive="" program=${words[1]/#\~/$HOME}
    local -a candidates
    while IFS= read -r line; do
        case $line in
            (:*) directive=${line#:} ;;
            (*$'\t'*) candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
            (*) candidates+=("${line//:/\\:}") ;;
        esac
    done < <("$program" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
    if [[ $directive == 2 ]]; then
        (( $#candidates )) && _describe -V helm-clas candidates -S ''
    else
        (( $#candidates )) && _describe -V helm-clas candidates
    fi
    [[ $directive == 0 ]] && _files
    return 0
}

if [[ $funcstack[1] == _helm-clas ]]; then
    _helm-clas "$@"
else
    compdef _helm-clas helm-clas
fi
