#!/usr/bin/env bash
# What a machine needs beyond Python, named or installed.
#
#   --for-window   what a Qt window on X11 needs; only where there is a display
#   --for-tests    the same, Xvfb to show it on, and Java and Maven for Apache Kafka
#
# Installs where root has apt-get, says in one line what is missing elsewhere, and is silent where nothing is. Java and
# Maven are installed in CI only (CI=true, or Apache Kafka required): the tests that want them can be left out.
# Always exits 0: what cannot run without them says so itself.
set -euo pipefail
cd "$(dirname "$0")/.."

# The library's file, and the package of Debian and Ubuntu that has it.
window_libraries="
libxcb-cursor.so.0      libxcb-cursor0
libxcb-icccm.so.4       libxcb-icccm4
libxcb-keysyms.so.1     libxcb-keysyms1
libxcb-image.so.0       libxcb-image0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-randr.so.0       libxcb-randr0
libxcb-shape.so.0       libxcb-shape0
libxcb-xkb.so.1         libxcb-xkb1
libxkbcommon-x11.so.0   libxkbcommon-x11-0
libX11-xcb.so.1         libx11-xcb1
libEGL.so.1             libegl1
libGL.so.1              libgl1
libdbus-1.so.3          libdbus-1-3
libfontconfig.so.1      libfontconfig1
libglib-2.0.so.0        libglib2.0-0
"
tried_file=.cache/system-libraries-tried
needs=()    # what is missing, in the reader's words
packages=() # the same, as apt's packages

missing() { # the thing, its package
    needs+=("$1")
    packages+=("$2")
}

look_for_window_libraries() {
    local known
    known=$(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true)
    # A system that keeps no such list (musl, Nix) cannot be asked.
    [ -n "$known" ] || return 0
    local file package
    while read -r file package; do
        [ -z "$file" ] || grep -qF "	$file " <<<"$known" || missing "$file" "$package"
    done <<<"$window_libraries"
    local folder
    for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.local/share/fonts" "${HOME:-/root}/.fonts"; do
        [ -z "$(find -L "$folder" -name '*.[ot]t[fc]' -print -quit 2>/dev/null)" ] || return 0
    done
    missing "a font" fonts-dejavu-core
}

look_for_xvfb() {
    command -v Xvfb >/dev/null || missing Xvfb xvfb
}

java_major() {
    java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
}

look_for_java_and_maven() {
    local major
    major=$(command -v java >/dev/null && java_major || true)
    [ "${major:-0}" -ge 17 ] || missing "Java 17" java
    command -v mvn >/dev/null || missing Maven maven
}

can_install() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

may_install_java() {
    [ "${CI:-}" = true ] || [ "${KAFKA_AGENT_STUDIO_REQUIRE_KAFKA:-}" = 1 ]
}

# Debian and Ubuntu rename packages between releases: the first of these that this one has.
resolve_package() {
    local candidates=("$1") candidate
    case $1 in
        java) candidates=(openjdk-17-jre-headless openjdk-21-jre-headless openjdk-25-jre-headless default-jre-headless) ;;
        libglib2.0-0) candidates=(libglib2.0-0t64 libglib2.0-0) ;;
    esac
    for candidate in "${candidates[@]}"; do
        if apt-cache show --no-all-versions "$candidate" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    echo "$1"
}

install_packages() {
    # What apt could not give the last time it will not give now either: no network, or no such package.
    [ "$(cat "$tried_file" 2>/dev/null || true)" != "${packages[*]}" ] || return 1
    echo "Installing what is missing (once): ${needs[*]} …" >&2
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p .cache
    local package resolved=() log=.cache/system-libraries.log
    if apt-get update -qq >"$log" 2>&1; then
        for package in "${packages[@]}"; do
            resolved+=("$(resolve_package "$package")")
        done
        if apt-get install -y -qq --no-install-recommends "${resolved[@]}" >>"$log" 2>&1; then
            rm -f "$tried_file"
            return 0
        fi
    fi
    echo "${packages[*]}" >"$tried_file"
    echo "apt-get could not install them; why is in $log" >&2
    return 1
}

say_what_is_missing() { # who needs it
    local list
    list=$(printf ', %s' "${needs[@]}")
    local line="$1 needs ${list:2}, which this machine lacks."
    if command -v apt-get >/dev/null; then
        # What to type, where the package's name does not depend on the release.
        line+=" To install: apt-get install $(sed 's/\bjava\b/default-jre-headless/' <<<"${packages[*]}")"
    fi
    echo "$line" >&2
}

settle() { # who needs it
    [ ${#needs[@]} -gt 0 ] || return 0
    if can_install && install_packages; then
        return 0
    fi
    say_what_is_missing "$1"
}

main() {
    case ${1:-} in
        --for-window | --for-tests) ;;
        *)
            echo "usage: packaging/system_libraries.sh --for-window | --for-tests" >&2
            exit 2
            ;;
    esac
    # A Mac's and a Windows machine's Qt brings everything.
    [ "$(uname -s)" = Linux ] || exit 0
    if [ "$1" = --for-window ]; then
        [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || exit 0
        look_for_window_libraries
        settle "The window"
        exit 0
    fi
    look_for_window_libraries
    look_for_xvfb
    if may_install_java; then
        look_for_java_and_maven
        settle "The test suite"
        exit 0
    fi
    settle "The test suite"
    needs=() packages=()
    look_for_java_and_maven
    [ ${#needs[@]} -eq 0 ] || say_what_is_missing "Testing against Apache Kafka"
}

main "$@"
