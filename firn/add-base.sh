#!/bin/sh
# Puts firn's base into the Nix store: Debian's static busybox, and the build tools (mksquashfs, tar, zstd, bash) with
# their shared libraries. Builds find them by the hashes in base.json; where this machine's differ, the pins are renewed.
#
# usage: sh add-base.sh [ROOTS_DIR]
#   ROOTS_DIR   where to leave garbage collector roots, so that the base stays in the store
# The nix command is taken from FLOE_NIX, else from PATH. Running it again is harmless and quick.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
roots=${1:-}
nix=${FLOE_NIX:-nix}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

fail() {
  printf 'add-base: %s\n' "$1" >&2
  exit 1
}

# FLOE_NIX may hold a command with arguments, so it is split on purpose.
run_nix() {
  # shellcheck disable=SC2086
  $nix --extra-experimental-features 'nix-command flakes' --option substituters '' "$@"
}

# The path of a program, wherever Debian puts it.
find_program() {
  for dir in /usr/bin /bin /usr/sbin /sbin; do
    if [ -x "$dir/$1" ]; then printf '%s\n' "$dir/$1"; return; fi
  done
  return 1
}

# --- what must be there ---

# shellcheck disable=SC2086
command -v ${nix%% *} >/dev/null 2>&1 || fail "nix is not here. Install it: apt-get install nix-bin"
missing=
find_program busybox >/dev/null || missing="$missing busybox-static"
find_program mksquashfs >/dev/null || missing="$missing squashfs-tools"
find_program zstd >/dev/null || missing="$missing zstd"
find_program bash >/dev/null || missing="$missing bash"
find_program tar >/dev/null || missing="$missing tar"
[ -z "$missing" ] || fail "these Debian packages are missing:$missing. Install them: apt-get install$missing"
busybox=$(find_program busybox)
if ldd "$busybox" >/dev/null 2>&1; then
  fail "$busybox is not the static one. Install that: apt-get install busybox-static"
fi

case $(uname -m) in
  x86_64) system=x86_64-linux ;;
  aarch64) system=aarch64-linux ;;
  *) fail "firn has no name for the machine type $(uname -m)" ;;
esac

# --- collecting ---

# busybox with a link for each of its applets
mkdir -p "$work/busybox/bin"
cp "$busybox" "$work/busybox/bin/busybox"
chmod 755 "$work/busybox/bin/busybox"
"$busybox" --list | while read -r applet; do
  [ "$applet" = busybox ] || ln -s busybox "$work/busybox/bin/$applet"
done
busybox_version=$("$busybox" 2>&1 | sed -n '1s/^BusyBox v\([0-9.]*\).*/\1/p')

# A dynamic program goes to libexec/, the libraries it names to lib/, the loader to lib/ld.so.
add_program() {
  program=$(find_program "$2")
  mkdir -p "$work/$1/libexec" "$work/$1/lib"
  cp -L "$program" "$work/$1/libexec/$2"
  ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' | while read -r library; do
    case $library in
      */ld-linux*) cp -L "$library" "$work/$1/lib/ld.so" ;;
      # The C library loads this one by itself when a thread ends.
      */libpthread.so*) cp -L "$library" "${library%/*}/libgcc_s.so.1" "$work/$1/lib/" ;;
      *) cp -L "$library" "$work/$1/lib/${library##*/}" ;;
    esac
  done
}
add_program image-tools mksquashfs
add_program image-tools unsquashfs
add_program image-tools tar
add_program image-tools zstd
add_program bash bash
chmod -R u+w,go-w,a+rX "$work"
chmod 755 "$work"/*/libexec/* "$work"/*/lib/ld.so
image_tools_version=$(mksquashfs -version 2>/dev/null | sed -n '1s/^mksquashfs version \([0-9.]*\).*/\1/p')
# shellcheck disable=SC2016
bash_version=$(bash -c 'echo "${BASH_VERSION%%(*}"')

# --- into the store ---

# The pins of the other systems stay as they are.
pin() {
  hash=$(run_nix hash path --type sha256 "$work/$1")
  path=$(run_nix store add-path --name "firn-$1-$2" "$work/$1")
  if [ -n "$roots" ]; then
    mkdir -p "$roots"
    run_nix build --out-link "$roots/firn-$1" "$path"
  fi
  printf '    "%s": {\n      "version": "%s",\n      "hash": "%s"\n    }' "$1" "$2" "$hash"
}

{
  pin busybox "$busybox_version"
  printf ',\n'
  pin image-tools "$image_tools_version"
  printf ',\n'
  pin bash "$bash_version"
  printf '\n'
} >"$work/entries"

{
  printf '{\n  "%s": {\n' "$system"
  cat "$work/entries"
  # Whatever base.json holds for another system: its block of lines, from its name to the closing brace.
  if [ -f "$here/base.json" ]; then
    awk -v mine="\"$system\"" '
      /^  "[^"]*": \{$/ { keep = ($1 != mine ":"); if (keep) printf "  },\n" }
      /^  \},?$/ { keep = 0 }
      keep { print }
    ' "$here/base.json"
  fi
  printf '  }\n}\n'
} >"$work/base.json"

if [ -f "$here/base.json" ] && cmp -s "$work/base.json" "$here/base.json"; then
  printf 'add-base: the base is in the store (busybox %s, mksquashfs %s, bash %s)\n' "$busybox_version" "$image_tools_version" "$bash_version" >&2
else
  # In one step: another process may be reading it.
  cp "$work/base.json" "$here/.base.json.new"
  mv "$here/.base.json.new" "$here/base.json"
  printf 'add-base: pinned this machine'"'"'s base in %s (busybox %s, mksquashfs %s, bash %s)\n' "$here/base.json" "$busybox_version" "$image_tools_version" "$bash_version" >&2
fi
