#!/bin/sh
# Plays kubectl: answers with the files of the folder $FAKE_CLUSTER, and writes down what it was asked.
#   deployment.json ...  what is printed; no file, nothing printed (as with --ignore-not-found)
#   deployment.error ... what is said instead, with exit code 1
echo "$*" >>"$FAKE_CLUSTER/asked"
[ "$1" = get ] || { echo "error: only get is played" >&2; exit 1; }
if [ -e "$FAKE_CLUSTER/$2.error" ]; then
    while IFS= read -r line; do echo "$line"; done <"$FAKE_CLUSTER/$2.error" >&2
    exit 1
fi
[ ! -e "$FAKE_CLUSTER/$2.json" ] || while IFS= read -r line; do printf '%s\n' "$line"; done <"$FAKE_CLUSTER/$2.json"
