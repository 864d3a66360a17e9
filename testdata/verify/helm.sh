#!/bin/sh
# Plays Helm: a release with one revision, in the mode that $FAKE_CLUSTER/mode names, else in clas; its values are those of
# $FAKE_CLUSTER/values.json, where that is there.
mode=clas
[ ! -e "$FAKE_CLUSTER/mode" ] || read -r mode <"$FAKE_CLUSTER/mode" || :
case "$1 $2" in
"history "*) echo '[{"revision":1,"status":"deployed","updated":"2025-06-01T08:00:00Z"}]' ;;
"get metadata") echo '{"chart":"illumio","version":"5.1.0"}' ;;
"get values")
    [ -e "$FAKE_CLUSTER/values.json" ] || { printf '{"clusterMode":"%s"}\n' "$mode"; exit 0; }
    while IFS= read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done <"$FAKE_CLUSTER/values.json"
    ;;
*) echo "Error: only history and get are played" >&2 && exit 1 ;;
esac
