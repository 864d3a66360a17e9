#!/bin/sh
# Runs the plugin's program. Helm keeps a plugin whose install hook failed, and then says only "no such file".

program=$HELM_PLUGIN_DIR/bin/helm-clas
if [ -x "$program" ]; then
    exec "$program" "$@"
fi

# `helm plugin update` would do for a plugin that came by git, and for no other.
cat >&2 <<END
error: the plugin's program is missing: $program
To download or build it, run: sh "$HELM_PLUGIN_DIR/src/plugin/install.sh"
Or put a ready helm-clas at that place.
END
exit 2
