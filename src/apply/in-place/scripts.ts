/** What floe runs inside a container that is updated in place: POSIX shell, as its own arguments say. */

import { processes } from "../../machine/lock-script.ts";

/** Programs of the system that runs now; they stay where they are while it is switched. */
const prelude = `${processes}
PATH=/run/current-system/sw/bin:/bin:/usr/bin
here=$(readlink -f /run/current-system) && PATH=$here/sw/bin:$PATH
export PATH
dir=/run/floe
is_switching() { pid='' start=''; read -r pid start 2>/dev/null <"$dir/running" && lives "$pid" "$start"; }
`;

/**
 * `SYSTEM ID BEFORE SECONDS`: begins the switch to a system in a session, or a unit of systemd, of its own. It is a
 * `test`: what the container boots is set by floe, once the system is proved. If that does not happen in so many seconds,
 * because floe or its connection is gone, the container switches back to the system before by itself; 0 seconds: it does
 * not. Who comes first is told by a folder, which only one of the two can make.
 */
export const startScript = `${prelude}
mkdir -p "$dir" || exit 1
[ -x "$1/bin/switch-to-configuration" ] || { echo "there is no $1 in the container's /nix/store" >&2; exit 1; }
if is_switching; then
  [ ! -d /run/systemd/system ] || systemctl stop 'floe-switch-*' 2>/dev/null
  kill -KILL "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$dir/running" "$dir"/result-* "$dir"/decided-*
cat >"$dir/switch" <<'END' || exit 1
${processes}
echo "$$ $(began $$)" >/run/floe/running.new && mv /run/floe/running.new /run/floe/running || exit 1
"$1/bin/switch-to-configuration" test >/run/floe/switch.log 2>&1
echo $? >/run/floe/result.new
mv /run/floe/result.new "/run/floe/result-$2"
left=$(($4 * 5))
while [ "$left" -gt 0 ] && [ ! -d "/run/floe/decided-$2" ]; do
  left=$((left - 1))
  sleep 0.2
  [ "$left" -gt 0 ] || ! mkdir "/run/floe/decided-$2" || "$3/bin/switch-to-configuration" test >>/run/floe/switch.log 2>&1
done
rm -f /run/floe/running
END
if [ -d /run/systemd/system ]; then
  systemd-run --quiet --collect --no-block --unit="floe-switch-$2" --setenv=PATH="$PATH" \\
    --setenv=LOCALE_ARCHIVE="\${LOCALE_ARCHIVE:-}" /bin/sh "$dir/switch" "$@" || exit 1
else
  setsid /bin/sh "$dir/switch" "$@" </dev/null >/dev/null 2>&1 &
fi
n=0
until [ -e "$dir/running" ] || [ -e "$dir/result-$2" ]; do
  n=$((n + 1))
  [ "$n" -lt 500 ] || { echo "it did not begin within 5 seconds" >&2; exit 1; }
  sleep 0.01
done
`;

/** `ID SECONDS`: waits for its end. Prints \`running\`, \`lost\` or its exit code; what runs; what was booted; its last lines. */
export const waitScript = `${prelude}
n=0
while :; do
  if [ -e "$dir/result-$1" ]; then state=$(cat "$dir/result-$1"); break; fi
  if [ $((n % 10)) = 0 ] && ! is_switching && [ ! -e "$dir/result-$1" ]; then state=lost; break; fi
  n=$((n + 1))
  if [ "$n" -ge "$(($2 * 50))" ]; then state=running; break; fi
  sleep 0.02
done
echo "$state"
readlink -f /run/current-system
readlink -f /run/booted-system || echo
tail -n 20 "$dir/switch.log" 2>/dev/null
exit 0
`;

/**
 * `ID SYSTEM NUMBER KEPT...`: what the container boots is a link, and a link is replaced by a rename. The switch `ID`, if
 * one is named, is no longer taken back.
 */
export const bootScript = `${prelude}
[ -z "$1" ] || mkdir "$dir/decided-$1" || { echo "it took too long, and the container has switched back" >&2; exit 1; }
shift
profiles=/nix/var/nix/profiles
put() { rm -f "$2.floe-new" && ln -s "$1" "$2.floe-new" && mv -T "$2.floe-new" "$2"; }
mkdir -p "$profiles" &&
  put "$1" "$profiles/system-$2-link" &&
  put "system-$2-link" "$profiles/system" || exit 1
[ "$(readlink /sbin/init)" = "$profiles/system/init" ] || put "$profiles/system/init" /sbin/init || exit 1
shift
for link in "$profiles"/system-*-link; do
  number=\${link#"$profiles/system-"}
  number=\${number%-link}
  case " $* " in *" $number "*) ;; *) rm -f "$link" ;; esac
done
`;
