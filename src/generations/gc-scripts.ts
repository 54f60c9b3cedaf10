/**
 * Cleaning a machine up, in three calls as root: what profiles there are, what would become garbage, and doing it. POSIX shell with what every machine
 * with Nix has; the answers are lines of fields with tabs between them.
 */
import { acquiring, locking, processes } from "../machine/lock-script.ts";

const state = `
set -f
state=\${NIX_STATE_DIR:-/nix/var/nix}
running='' booted=''
[ ! -e /run/current-system ] || running=$(readlink -f /run/current-system)
[ ! -e /run/booted-system ] || booted=$(readlink -f /run/booted-system)
`;

/**
 * The profiles are found by their links below the folder of profiles, and by the roots that Nix has of links in the homes of users. Links elsewhere,
 * such as those of \`nix develop --profile\`, belong to somebody's project and are left alone.
 */
export const profilesScript = `${state}
one() {
  number=\${1%-link}
  number=\${number##*-}
  profile=\${1%-"$number"-link}
  case $number in '' | *[!0-9]*) return ;; esac
  [ -L "$1" ] && [ -L "$profile" ] || return
  printf 'generation\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$profile" "$(stat -c %U "$1")" "$(readlink "$profile")" "$number" "$(stat -c %Y "$1")" "$(readlink "$1")"
}
printf 'now\\t%s\\nrunning\\t%s\\nbooted\\t%s\\n' "$(date +%s)" "$running" "$booted"
{
  find "$state/profiles" -type l -name '*-link'
  find "$state/gcroots/auto" -type l -exec readlink {} \\; | grep '/nix/profiles/[^/]*-link$'
} | sort -u | while read -r link; do one "$link"; done
{
  sed -n 's/^default *//p' /boot/loader/loader.conf /boot/efi/loader/loader.conf /efi/loader/loader.conf
  for name in LoaderEntryOneShot LoaderEntryDefault; do
    tr -dc 'a-zA-Z0-9.-' <"/sys/firmware/efi/efivars/$name-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
    echo
  done
} 2>/dev/null | sed -n 's/.*nixos-generation-\\([0-9][0-9]*\\).*/entry\\t\\1/p'
exit 0
`;

/**
 * What nothing would hold any more, if the links that it reads were not there. Nix itself is asked, with a copy of its folder of roots in which they
 * are missing: nothing of the real one is changed, and what keep-outputs and keep-derivations say is heeded. What runs and what was booted is never in
 * the answer: a machine may have no root of it.
 * \`dead NAME-OF-PATH BYTES garbage|held\`: garbage is what nothing holds already.
 */
export const simulateScript = `${state}
umask 077
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' TERM INT HUP
sort -u >"$work/dropped"
mkdir "$work/state" && cp -a "$state/gcroots" "$work/state/gcroots" && cp -a "$state/profiles" "$work/state/profiles" || exit 1
[ ! -L "$work/state/gcroots/profiles" ] || ln -sfn "$work/state/profiles" "$work/state/gcroots/profiles"
ln -s "$state/db" "$work/state/db"
[ ! -d "$state/temproots" ] || ln -s "$state/temproots" "$work/state/temproots"
while read -r link; do
  case $link in "$state"/profiles/*) rm "$work/state/profiles/\${link#"$state"/profiles/}" || exit 1 ;; esac
done <"$work/dropped"
find "$work/state/gcroots/auto" -type l | while read -r root; do
  ! readlink "$root" | grep -Fqx -f "$work/dropped" || rm "$root"
done
dead() { NIX_REMOTE='' NIX_STATE_DIR=$1 nix-store --gc --print-dead 2>"$work/errors" | sort -u; }
dead "$state" >"$work/garbage"
dead "$work/state" >"$work/after"
! grep '^error' "$work/errors" >&2 || exit 1
for system in $running $booted; do
  nix-store --query --requisites "$system"
done 2>/dev/null | sort -u >"$work/needed"
comm -23 "$work/after" "$work/needed" >"$work/dead"
nix-store --dump-db | awk -v dead="$work/dead" -v garbage="$work/garbage" '
  BEGIN {
    while ((getline path < dead) > 0) sizes[path] = 0
    while ((getline path < garbage) > 0) old[path] = 1
    state = 0
  }
  state == 0 { path = $0; state = 1; next }
  state == 1 { state = 2; next }
  state == 2 { if (path in sizes) sizes[path] = $0; state = 3; next }
  state == 3 { state = 4; next }
  state == 4 { left = $0 + 0; state = left == 0 ? 0 : 5; next }
  { if (--left == 0) state = 0 }
  END { for (path in sizes) printf "dead\\t%s\\t%s\\t%s\\n", path, sizes[path], (path in old) ? "garbage" : "held" }
'
echo end
`;

/**
 * Reads \`drop PROFILE NUMBER PATH\` and \`dead PATH\`; does that and no more. Every link is looked at again first: when one leads elsewhere by now, or is
 * needed, nothing at all is done. After generations of a system are gone its boot loader's menu is written anew, and if that fails they come back,
 * so that no entry of the menu leads to nothing. What has become garbage since the plan was made is held by roots of its own meanwhile.
 */
export const collectScript = `${state}${processes}${locking}${acquiring}
roots=$state/gcroots/floe-gc
run=/run/floe id=gc
lock=$run/gc.lock dir=$run/gc.$$
mkdir -p "$dir" || exit 1
trap 'release; rm -rf "$dir"' EXIT
trap 'exit 1' TERM INT HUP
acquire || { echo "busy	$holder_pid"; exit 0; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$roots" "$work" "$dir"; release' EXIT
# Roots that one left that was ended hold what nobody needs.
rm -rf "$roots" && mkdir -p "$roots" || exit 1
tab=$(printf '\\t')
cat >"$work/input"
grep "^drop$tab" "$work/input" | cut -f 2- >"$work/drop"
grep "^dead$tab" "$work/input" | cut -f 2 | sort -u >"$work/planned"

while IFS=$tab read -r profile number path; do
  link=$profile-$number-link
  reason=
  [ "$(readlink "$link")" = "$path" ] || reason="leads elsewhere"
  case $(readlink "$profile") in "\${link##*/}" | "$link") reason="is the current one" ;; esac
  case $profile in "$state"/profiles/system*) case $path in "" | "$running" | "$booted") reason="runs" ;; esac ;; esac
  [ -z "$reason" ] || { echo "moved	$link	$reason"; exit 0; }
  echo "$link	$path	$(stat -c %Y "$link")" >>"$work/links"
done <"$work/drop"

restore() {
  while IFS=$tab read -r link path at; do
    [ -L "$link" ] || { ln -s "$path" "$link" && touch -h -d "@$at" "$link" 2>/dev/null; }
  done <"$work/links"
}
cut -f 1 "$work/drop" | sort -u | while read -r profile; do
  numbers=$(awk -F "$tab" -v profile="$profile" '$1 == profile { print $2 }' "$work/drop")
  nix-env --profile "$profile" --delete-generations $numbers >>"$work/log" 2>&1 || { echo "$profile" >"$work/failed"; break; }
done
if [ -e "$work/failed" ]; then
  restore
  echo "failed	generations	$(tail -n 3 "$work/log" | tr '\\n\\t' '  ')"
  exit 0
fi
cut -f 1 "$work/drop" | sort -u | grep -e "^$state/profiles/system$" -e "^$state/profiles/system-profiles/" >"$work/systems"
if [ -s "$work/systems" ]; then
  default=$(readlink -f "$state/profiles/system")
  if [ -x "$default/bin/switch-to-configuration" ]; then
    if ! "$default/bin/switch-to-configuration" boot >"$work/log" 2>&1; then
      restore
      "$default/bin/switch-to-configuration" boot >/dev/null 2>&1
      echo "failed	menu	$(tail -n 3 "$work/log" | tr '\\n\\t' '  ')"
      exit 0
    fi
    echo "menu	$default"
  fi
fi

number=0
for path in $running $booted; do
  number=$((number + 1))
  ln -s "$path" "$roots/$number"
done
nix-store --gc --print-dead 2>/dev/null | sort -u | comm -23 - "$work/planned" | while read -r path; do ln -s "$path" "$roots/\${path##*/}"; done
if ! nix-store --gc >"$work/log" 2>&1; then
  echo "failed	collect	$(grep -v '^deleting' "$work/log" | tail -n 3 | tr '\\n\\t' '  ')"
fi
while read -r path; do
  if [ -e "$path" ] || [ -L "$path" ]; then echo "left	$path"; fi
done <"$work/planned"
echo end
`;
