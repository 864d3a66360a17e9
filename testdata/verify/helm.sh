#!/bin/sh
# Plays Helm: a release with one revision, in the mode that $FAKE_CLUSTER/mode names, else in clas.
mode=clas
[ ! -e "$FAKE_CLUSTER/mode" ] || read -r mode <"$FAKE_CLUSTER/mode" || :
case "$1 $2" in
"history "*) echo '[{"revision":1,"status":"deployed","updated":"2025-06-01T08:00:00Z"}]' ;;
"get metadata") echo '{"chart":"illumio","version":"5.1.0"}' ;;
"get values") printf '{"clusterMode":"%s"}\n' "$mode" ;;
*) echo "Error: only history and get are played" >&2 && exit 1 ;;
esac
