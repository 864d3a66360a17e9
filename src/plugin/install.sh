#!/bin/sh
# Puts the plugin's program at bin/helm-clas. Helm runs this after `helm plugin install` and `helm plugin update`.
#
# The program must be of the version that plugin.yaml names. It is the first of these that there is:
#   1. the file that HELM_CLAS_BINARY names, bin/helm-clas itself, a helm-clas on the PATH;
#   2. the program of the release: its archive beside plugin.yaml, else downloaded. HELM_CLAS_RELEASES names the URL or the
#      folder that holds v0.1.0/, v0.2.0/ and so on; without it, the releases of the git remote `origin` are asked. Nothing
#      is unpacked whose SHA-256 is not that of SHA256SUMS beside the archive;
#   3. one that cargo builds. HELM_CLAS_RELEASES=none leaves out the releases.
# A failure leaves bin/ as it was. src/plugin/install.ps1 does the same where there is no sh.
set -eu

# Helm 4 tells a hook little, and a person may run this without Helm: the plugin is where this file lies.
plugin=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
version=$(sed -n 's/^version: *//p' "$plugin/plugin.yaml")
case ${OS-} in
Windows_NT) program=helm-clas.exe ;;
*) program=helm-clas ;;
esac

# has COMMAND: it is on the PATH
has() {
    command -v "$1" >/dev/null
}

say() {
    echo "helm-clas: $1" >&2
}

# is_wanted FILE: it runs, and says that it is of the wanted version
is_wanted() {
    case $("$1" version 2>/dev/null | sed -n 1p) in
    "helm-clas $version" | "helm-clas $version "*) true ;;
    *) false ;;
    esac
}

# is_stale FILE: what it is built from is newer, as after `git pull`, and it can be built anew
is_stale() {
    has cargo && [ -n "$(find "$plugin/src" "$plugin/schemas" "$plugin/Cargo.toml" -newer "$1" 2>/dev/null | sed -n 1p)" ]
}

# fail REASON: ends, with what a person can do about it
fail() {
    echo "error: $1" >&2
    if [ -w "$plugin" ]; then
        echo "Do one of these:"
        [ -z "$target" ] || echo "  put $archive and SHA256SUMS of the release into: $plugin"
        echo "  put a ready helm-clas $version at: $plugin/bin/$program"
        echo "  install Rust (https://rustup.rs) to build it; HELM_CLAS_RELEASES=none skips the download"
    else
        echo "Make this folder writable: $plugin"
    fi >&2
    cat >&2 <<END
Then run: sh "$plugin/src/plugin/install.sh"
Helm keeps a plugin whose hook failed. To remove it: helm plugin uninstall clas
END
    exit 1
}

# The archive of the release for this machine; `helm-clas` alone where there is none.
case $(uname -s 2>/dev/null):$(uname -m 2>/dev/null) in
Linux:x86_64 | Linux:amd64) target=x86_64-unknown-linux-musl.tar.gz ;;
Linux:aarch64 | Linux:arm64) target=aarch64-unknown-linux-musl.tar.gz ;;
Darwin:x86_64) target=x86_64-apple-darwin.tar.gz ;;
Darwin:arm64) target=aarch64-apple-darwin.tar.gz ;;
MINGW*:x86_64 | MSYS*:x86_64 | CYGWIN*:x86_64) target=x86_64-pc-windows-gnu.zip ;;
*) target= ;;
esac
archive=helm-clas-$version-$target

# releases: where the releases are, or nothing; a login in a URL stays where it is
releases() {
    if [ -n "${HELM_CLAS_RELEASES-}" ]; then
        [ "$HELM_CLAS_RELEASES" = none ] || echo "$HELM_CLAS_RELEASES"
        return
    fi
    if [ ! -e "$plugin/.git" ] || ! has git; then
        return
    fi
    # a checkout with changes of its own is not the release
    tag=refs/tags/v$version
    if git -C "$plugin" rev-parse -q --verify "$tag" >/dev/null 2>&1 &&
        ! git -C "$plugin" diff --quiet "$tag" -- src schemas Cargo.toml Cargo.lock; then
        return
    fi
    remote=$(git -C "$plugin" remote get-url origin 2>/dev/null |
        sed -e 's|^git@\([^:/]*\):|https://\1/|' -e 's|^ssh://git@|https://|' -e 's|//[^/@]*@|//|' -e 's|/*$||' -e 's|\.git$||')
    case $remote in
    https://gitlab.*) echo "$remote/-/releases" ;;
    http://* | https://*) echo "$remote/releases/download" ;;
    esac
}

# fetch FILE: it arrives in the stage, from the releases, with no more patience than a person has
fetch() {
    case $releases in
    https://gitlab.*/-/releases) from=$releases/v$version/downloads/$1 ;;
    *) from=$releases/v$version/$1 ;;
    esac
    case $from in
    http://* | https://*)
        if has curl; then
            curl --fail --silent --show-error --location --connect-timeout 10 --speed-limit 1000 --speed-time 20 -o "$stage/$1" "$from"
        elif has wget; then
            wget -q -T 20 -O "$stage/$1" "$from"
        else
            say "there is neither curl nor wget to download with"
            false
        fi
        ;;
    *) cp "${from#file://}" "$stage/$1" 2>/dev/null ;;
    esac
}

# sha256 FILE: its hash; nothing where no program can tell
sha256() {
    if has sha256sum; then
        sha256sum <"$1"
    elif has shasum; then
        shasum -a 256 <"$1"
    elif has openssl; then
        openssl dgst -sha256 -r <"$1"
    fi | sed 's/[ *].*//'
}

# unpack FOLDER: the program from the archive in this folder, if its hash is that of the list beside it
unpack() {
    wanted=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$1/SHA256SUMS")
    [ -n "$wanted" ] || fail "SHA256SUMS does not list $archive"
    found=$(sha256 "$1/$archive")
    [ -n "$found" ] || fail "there is no sha256sum, shasum or openssl to verify $archive with"
    [ "$found" = "$wanted" ] || fail "$archive is not what SHA256SUMS says: $found instead of $wanted"
    case $archive in
    *.zip) unzip -q -o "$1/$archive" "$program" -d "$stage/bin" ;;
    *) tar -xzf "$1/$archive" -C "$stage/bin" "$program" ;;
    esac || fail "$archive could not be unpacked"
    is_wanted "$stage/bin/$program" || fail "the program in $archive does not run here, or is not helm-clas $version"
}

# from_release: the program is in the stage; false where there is no release to take it from
from_release() {
    [ -n "$target" ] || return 1
    if [ -f "$plugin/$archive" ]; then
        [ -f "$plugin/SHA256SUMS" ] || fail "$archive is there, but not SHA256SUMS of the release beside it"
        unpack "$plugin"
        return
    fi
    releases=$(releases)
    [ -n "$releases" ] || return 1
    shown=$(echo "$releases" | sed 's|//[^/@]*@|//|')
    if fetch SHA256SUMS && fetch "$archive"; then
        unpack "$stage"
        say "version $version from $shown"
    else
        say "cannot get $archive from $shown"
        rm -f "$stage/SHA256SUMS" "$stage/$archive"
        false
    fi
}

# build: cargo puts the program into the stage, and shows how far it is
build() {
    cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
    say "building version $version with cargo: on this machine with $cores cores about $(minutes "$cores"), after the download of 100 crates"
    # A build folder of the user's is used and kept, one of our own goes away with the stage.
    if [ ! -d "$plugin/target" ]; then
        export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$stage/target}"
    fi
    # The folder of the user may hold a toolchain file that is not meant for us.
    cd "$plugin"
    cargo install --locked --no-track --path . --root "$stage" || fail "cargo could not build helm-clas $version"
}

# minutes CORES: how long that takes; our own crate, which comes last, is built on one or two
minutes() {
    case $1 in
    1) echo "4 minutes" ;;
    2 | 3) echo "2 minutes" ;;
    *) echo "1 minute" ;;
    esac
}

ready=
if [ -n "${HELM_CLAS_BINARY-}" ]; then
    ready=$HELM_CLAS_BINARY
    is_wanted "$ready" || fail "HELM_CLAS_BINARY=$ready is not helm-clas $version"
elif is_wanted "$plugin/bin/$program" && ! is_stale "$plugin/bin/$program"; then
    exit 0
elif is_wanted "$(command -v helm-clas)"; then
    ready=$(command -v helm-clas)
fi

stage=$plugin/.install-$$
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$stage/bin" || fail "the plugin's folder cannot be written to"

if [ -n "$ready" ]; then
    cp "$ready" "$stage/bin/$program"
elif ! from_release; then
    has cargo || fail "no helm-clas $version on the PATH or in a release, and no cargo to build one"
    build
fi

chmod 755 "$stage/bin/$program"
mkdir -p "$plugin/bin"
mv -f "$stage/bin/$program" "$plugin/bin/$program"
