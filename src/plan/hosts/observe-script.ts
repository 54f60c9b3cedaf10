/**
 * What a machine is asked, as one script of POSIX shell: for NixOS, for a Debian that a NixOS-like system was switched on, and for a busybox.
 * It starts few programs, since that is what it takes; it needs no root, changes nothing, and goes on whatever is missing. Each line it prints is `key TAB value`.
 */
export const observeScript = `PATH=$PATH:/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
tab=$(printf '\\t')
line='
'
say() {
  case $2 in
    '') ;;
    *"$line"* | *"$tab"*) printf '%s\\t%s\\n' "$1" "$(printf '%s' "$2" | tr '\\n\\t' '  ')" ;;
    *) printf '%s\\t%s\\n' "$1" "$2" ;;
  esac
}
first() { [ ! -r "$1" ] || { read -r text <"$1" || [ -n "$text" ]; } && say "$2" "$text"; text=; }
target() { if [ -L "$1" ] || [ -e "$1" ]; then readlink -f "$1"; fi; }
parts() {
  [ -n "$2" ] || return 0
  say "$1.kernel" "$(target "$2/kernel")"
  say "$1.initrd" "$(target "$2/initrd")"
  say "$1.kernelModules" "$(target "$2/kernel-modules")"
  say "$1.systemd" "$(target "$2/systemd")"
  first "$2/kernel-params" "$1.kernelParams"
}
text=
first /proc/sys/kernel/hostname hostName
first /etc/machine-id machineId
first /proc/sys/kernel/random/boot_id bootId
first /proc/sys/kernel/osrelease kernelRelease
first /proc/uptime uptime
first /proc/1/stat init
say uname "$(uname -sm)"
current=$(target /run/current-system)
booted=$(target /run/booted-system)
say current "$current"
say booted "$booted"
parts current "$current"
[ "$booted" = "$current" ] || parts booted "$booted"
profiles=/nix/var/nix/profiles
say profile "$(readlink $profiles/system 2>/dev/null)"
find $profiles -maxdepth 1 -name 'system-*-link' -printf 'generation\\t%f\\t%T@\\t%l\\n' 2>/dev/null ||
  for link in $profiles/system-*-link; do
    [ ! -L "$link" ] || printf 'generation\\t%s\\t%s\\t%s\\n' "\${link##*/}" "$(stat -c %Y "$link")" "$(readlink "$link")"
  done
if [ -d /run/systemd/system ]; then
  systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null |
    while read -r unit rest; do say failed "$unit"; done
fi
if [ -r /var/lib/floe/generations ]; then
  say recorded yes
  while IFS= read -r line; do printf 'record\\t%s\\n' "$line"; done </var/lib/floe/generations
fi
say free "$(df -Pk /nix/store 2>/dev/null | tail -n 1)"
# The name of its package says the version without starting it.
nix=$(readlink -f "$(command -v nix-store)" 2>/dev/null)
case $nix in
  /nix/store/*-nix-[0-9]*/bin/*) nix=\${nix%/bin/*}; say nix "\${nix##*-nix-}" ;;
  ?*) say nix "$(nix-store --version 2>/dev/null)" ;;
esac
if [ -r "$current/nixos-version.json" ]; then say version "$(cat "$current/nixos-version.json")"
elif [ -r "$current/configuration-revision" ]; then first "$current/configuration-revision" revision
elif [ -x "$current/sw/bin/nixos-version" ]; then say version "$("$current/sw/bin/nixos-version" --json 2>/dev/null)"; fi
exit 0
`;
