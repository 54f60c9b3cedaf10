/**
 * What every script of an activation begins with: POSIX shell and coreutils, with sed and grep, as a NixOS, a Debian and a busybox
 * have them. Nothing here may be needed from the system that is being switched to.
 */

import { locking, processes } from "../../machine/lock-script.ts";

/**
 * Programs of the system that ran before, wherever it is a NixOS: resolved, so that the switch does not change them under a script
 * that runs. A Debian has its own behind them.
 */
const paths = `
PATH=/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
here=$(readlink -f /run/current-system/sw/bin 2>/dev/null)
PATH=\${here:+$here:}/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nix/var/nix/profiles/default/bin
export PATH
umask 022
run=/run/floe
var=/var/lib/floe
lock=$run/activation.lock
profile=/nix/var/nix/profiles/system
`;

/** Seconds since the boot, in \`now\`: no clock that is wrong or set meanwhile is asked. Without a shell of its own, for loops. */
const time = `
now=0
tick() {
  if read -r uptime _ 2>/dev/null </proc/uptime; then now=\${uptime%%.*}; ticks=0; return; fi
  ticks=$((\${ticks:-0} + 1))
  [ $((ticks % 5)) -ne 0 ] || now=$((now + 1))
}
`;

/**
 * An activation is a folder, in /run while the machine is up and a copy in /var for afterwards. Its file \`request\` says what was asked
 * and what was there before; \`status\` how far it is, and is only ever replaced as a whole. `say` and not `echo`, which takes a backslash for more than that in some shells.
 */
const records = `
say() { printf '%s\\n' "$1"; }
get() { sed -n "s/^$1 //p" "$2" 2>/dev/null | tail -n 1; }
folder_of() {
  folder=$run/activations/$1
  [ -e "$folder/request" ] || folder=$var/activations/$1
  [ -e "$folder/request" ]
}
`;

/**
 * Services that have failed, one a line, and those that systemd starts again and again because they fail. Nothing where systemd does
 * not run. It is not waited for long: it may be busy with being replaced.
 */
const units = `
has_systemd() { [ -d /run/systemd/system ]; }
failed_units() {
  has_systemd || return 0
  timeout 20 systemctl list-units --state=failed,auto-restart --plain --no-legend --no-pager --full 2>/dev/null |
    while read -r unit _ active _; do
      if [ "$active" = failed ] || [ "$(timeout 20 systemctl show --property=ExecMainStatus --value -- "$unit" 2>/dev/null)" != 0 ]; then
        echo "$unit"
      fi
    done
}
`;

/** The beginning of every script. */
export const prelude = `${paths}${time}${processes}${records}${locking}${units}`;
