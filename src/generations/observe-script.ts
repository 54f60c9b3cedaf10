/**
 * All that is known of the generations of a profile, in one question: POSIX shell, awk and the classic nix commands, which every machine with Nix has.
 * The answer is lines of fields with tabs between them.
 */

/** Sets `$profile` to that of a user's home: where home-manager keeps it now, or where it did before. */
export const findHomeProfile = `
own_profile() {
  profile=\${XDG_STATE_HOME:-$HOME/.local/state}/nix/profiles/home-manager
  [ -L "$profile" ] || [ ! -L "\${NIX_STATE_DIR:-/nix/var/nix}/profiles/per-user/$(id -un)/home-manager" ] ||
    profile=\${NIX_STATE_DIR:-/nix/var/nix}/profiles/per-user/$(id -un)/home-manager
}
own_profile
`;

/** Sets `$profile`: the argument `system`, or that of a home. */
const findProfile = `${findHomeProfile}
[ "$1" != system ] || profile=\${NIX_STATE_DIR:-/nix/var/nix}/profiles/system
`;

/**
 * From the registrations of store paths: \`path NAME SIZE REFERENCE...\`, where names are without the folder of the store, and references are the
 * numbers of paths in the order in which they are first named. What is repeated thousands of times is so a few digits each.
 */
const compactClosure = `
function number(path) {
  sub(/^.*\\//, "", path)
  if (!(path in numbers)) { numbers[path] = count++; printf "name\\t%s\\n", path }
  return numbers[path]
}
function finish() { printf "path\\t%d\\t%s%s\\n", own, size, references; state = 0 }
BEGIN { state = 0; count = 0 }
state == 0 { own = number($0); references = ""; state = 1; next }
state == 1 { state = 2; next }
state == 2 { size = $0; state = 3; next }
state == 3 { state = 4; next }
state == 4 { left = $0 + 0; state = 5; if (left == 0) finish(); next }
{ references = references "\\t" number($0); if (--left == 0) finish() }
`;

/** `system | home [closures]`: the generations; with \`closures\` also what they are made of. */
export const observeScript = `
${findProfile}
one() { head -c 300 "$1" 2>/dev/null | tr -d '\\n\\t'; }
printf 'profile\\t%s\\t%s\\n' "$profile" "$(readlink "$profile")"
if [ "$1" = system ]; then
  for name in running:current booted:booted; do
    [ ! -e "/run/\${name#*:}-system" ] || printf '%s\\t%s\\n' "\${name%:*}" "$(readlink -f "/run/\${name#*:}-system")"
  done
  for status in /var/lib/floe/activations/*/status; do
    [ -r "$status" ] || continue
    case $(sed -n 's/^state //p' "$status") in
      rolled-back | failed | rollback-failed)
        printf 'failed\\t%s\\t%s\\n' "$(sed -n 's/^number //p' "$status")" "$(sed -n 's/^system //p' "\${status%status}request")" ;;
    esac
  done
  [ ! -r /var/lib/floe/generations ] || sed 's/^/record\\t/' /var/lib/floe/generations
fi
all=
for link in "$profile"-*-link; do
  [ -L "$link" ] || continue
  number=\${link%-link}
  number=\${number##*-}
  case $number in *[!0-9]*) continue ;; esac
  path=$(readlink "$link")
  revision= version=
  if [ -e "$path" ]; then
    all="$all $path"
    version=$(one "$path/nixos-version")
    [ -n "$version" ] || version=$(one "$path/hm-version")
    revision=$(one "$path/configuration-revision")
    if [ -z "$revision" ] && [ -x "$path/sw/bin/nixos-version" ]; then
      revision=$(timeout 5 "$path/sw/bin/nixos-version" --json 2>/dev/null | tr -d '\\n\\t' |
        sed -n 's/.*"configurationRevision" *: *"\\([^"]*\\)".*/\\1/p')
    fi
  fi
  printf 'generation\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$number" "$path" "$(stat -c %Y "$link")" "$version" "$revision" \\
    "$([ ! -e "$path/kernel" ] || readlink -f "$path/kernel")"
done
[ "$2" = closures ] && [ -n "$all" ] || exit 0
nix-store --query --requisites $all | sort -u | xargs nix-store --dump-db | awk '${compactClosure}'
`;
