#!/bin/sh
# Puts the plugin's program at bin/helm-clas. Helm runs this after `helm plugin install` and `helm plugin update`.
#
# The program must be of the version that plugin.yaml names. It is, in this order:
#   the file that HELM_CLAS_BINARY names, bin/helm-clas itself, a helm-clas on the PATH, one that cargo builds.
# Nothing is downloaded but what cargo fetches to build. A failure leaves bin/ as it was.
set -eu

# Helm 4 tells a hook little, and a person may run this without Helm: the plugin is where this file lies.
plugin=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
version=$(sed -n 's/^version: *//p' "$plugin/plugin.yaml")
case ${OS-} in
Windows_NT) program=helm-clas.exe ;;
*) program=helm-clas ;;
esac

# is_wanted FILE: it runs, and says that it is of the wanted version
is_wanted() {
    case $("$1" version 2>/dev/null | sed -n 1p) in
    "helm-clas $version" | "helm-clas $version "*) true ;;
    *) false ;;
    esac
}

# is_stale FILE: what it is built from is newer, as after `git pull`, and it can be built anew
is_stale() {
    command -v cargo >/dev/null &&
        [ -n "$(find "$plugin/src" "$plugin/schemas" "$plugin/Cargo.toml" -newer "$1" 2>/dev/null | sed -n 1p)" ]
}

# fail REASON: ends, with what a person can do about it
fail() {
    cat >&2 <<END
error: $1
To build it, install Rust (https://rustup.rs) and run: sh "$plugin/src/plugin/install.sh"
Or put a ready helm-clas $version at: $plugin/bin/$program
Helm keeps a plugin whose hook failed: to begin anew, run first: helm plugin uninstall clas
END
    exit 1
}

ready=
if [ -n "${HELM_CLAS_BINARY-}" ]; then
    ready=$HELM_CLAS_BINARY
    is_wanted "$ready" || fail "HELM_CLAS_BINARY=$ready is not helm-clas $version"
elif is_wanted "$plugin/bin/$program" && ! is_stale "$plugin/bin/$program"; then
    exit 0
elif is_wanted "$(command -v helm-clas)"; then
    ready=$(command -v helm-clas)
elif ! command -v cargo >/dev/null; then
    fail "no helm-clas $version on the PATH, and no cargo to build one"
fi

stage=$plugin/.install-$$
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$stage/bin"

if [ -n "$ready" ]; then
    cp "$ready" "$stage/bin/$program"
else
    echo "helm-clas: building version $version with cargo, which takes a minute or two" >&2
    # A build folder of the user's is used and kept, one of our own goes away with the stage.
    if [ ! -d "$plugin/target" ]; then
        export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$stage/target}"
    fi
    # The folder of the user may hold a toolchain file that is not meant for us.
    cd "$plugin"
    cargo install --quiet --locked --no-track --path . --root "$stage" || fail "cargo could not build helm-clas $version"
fi

chmod 755 "$stage/bin/$program"
mkdir -p "$plugin/bin"
mv -f "$stage/bin/$program" "$plugin/bin/$program"
