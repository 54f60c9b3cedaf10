/** What floe asks a machine about an activation: each a short script of its own, as root. */
import { prelude } from "./shell.ts";
import { deciding, recording, supervisorScript } from "./supervisor.ts";

/**
 * Answers in lines \`WORD VALUE\`. What is under way without a supervisor is lost. A unit that the switch named as failed counts
 * even where it runs by now: it may be one that is started again and again.
 */
const reporting = `
report() {
  request=$folder/request
  status=$folder/status
  now_boot=$(boot_id)
  state=$(get state "$status")
  case $state in
    confirmed | rolled-back | rollback-failed | failed) ;;
    *)
      if ! is_supervised "$id"; then
        state=$(get state "$status")
        case $state in
          confirmed | rolled-back | rollback-failed | failed) ;;
          *)
            echo "was \${state:-starting}"
            [ "$(get boot "$request")" = "$now_boot" ] && echo "why killed" || echo "why rebooted"
            state=lost ;;
        esac
      fi ;;
  esac
  echo "state \${state:-starting}"
  grep -E '^(exit|number|reason) ' "$status" 2>/dev/null
  grep -E '^(id|action|system|previous|before|link|by|fleet|revision|at) ' "$request"
  tick
  [ "$(get boot "$request")" != "$now_boot" ] || echo "age $((now - $(get up "$request")))"
  deadline=$(get deadline "$status")
  [ ! -e "$folder/deadline" ] || read -r deadline <"$folder/deadline"
  [ "$state" != waiting ] || echo "left $((deadline - now))"
  for name in current booted; do
    [ ! -e "/run/$name-system" ] || echo "$name $(readlink -f "/run/$name-system")"
  done
  [ ! -e "$profile" ] || echo "boots $(readlink -f "$profile")"
  ! has_systemd || echo "systemd yes"
}
newly_failed() {
  {
    failed_units
    [ "$(get exit "$folder/status")" != 4 ] ||
      sed -n 's/^warning: the following units failed: //p' "$folder/log" 2>/dev/null | tr -d ' ' | tr ',' '\\n' | grep .
  } | sort -u | while read -r unit; do
    grep -Fqx -- "$unit" "$folder/failed-before" 2>/dev/null || echo "failed $unit"
  done
}
`;

/** Who holds the machine: one line \`locked\`, and what is known of it. */
const refusing = `
refuse_held() {
  is_held || return 0
  echo "answer locked"
  echo "holder $holder"
  echo "process $holder_pid"
  [ -z "$left_behind" ] || echo "left-behind $left_behind"
  id=$holder
  folder_of "$id" && report
  exit 0
}
refuse_others() {
  ! has_systemd || other=$(timeout 20 systemctl list-units --plain --no-legend --no-pager --full --state=active,activating,deactivating 'nixos-rebuild-switch-to-configuration*' 2>/dev/null | cut -d' ' -f1 | head -n 1)
  if [ -z "$other" ] && [ -e /run/nixos/switch-to-configuration.lock ] && command -v flock >/dev/null; then
    flock -n /run/nixos/switch-to-configuration.lock true || other=switch-to-configuration
  fi
  [ -z "$other" ] || { echo "answer busy"; echo "unit $other"; exit 0; }
}
`;

/**
 * A unit of its own, which \`switch-to-configuration\` leaves alone: it stops only units that have a file in /etc/systemd/system. Nothing
 * that the switch stops takes it along (no default dependencies), what the switch leaves running stays (KillMode), and a switch that is
 * out of memory does not end the supervisor (OOMPolicy). It ends first when the machine is shut down.
 */
const launching = `
launch() {
  sh=$(command -v sh)
  locale=\${LOCALE_ARCHIVE:-/run/current-system/sw/lib/locale/locale-archive}
  [ ! -e "$locale" ] || export LOCALE_ARCHIVE="$locale"
  export HOME="\${HOME:-/root}"
  if has_systemd; then
    systemd-run --quiet --collect --no-block --unit="floe-activate-$1\${2:+-$2}" --description="floe: $(get action "$dir/request") of $(get fleet "$dir/request")" \\
      --property=DefaultDependencies=no --property=Conflicts=shutdown.target --property=Before=shutdown.target \\
      --property=IgnoreOnIsolate=yes --property=KillMode=process --property=OOMPolicy=continue --property=Restart=no --property=TimeoutStopSec=20 \\
      --setenv=PATH="$PATH" --setenv=HOME="$HOME" \${LOCALE_ARCHIVE:+--setenv=LOCALE_ARCHIVE="$LOCALE_ARCHIVE"} \\
      "$sh" "$dir/supervisor" "$@" >&2 || return 1
  else
    setsid "$sh" "$dir/supervisor" "$@" </dev/null >/dev/null 2>&1 &
  fi
}
put_supervisor() {
cat >"$dir/supervisor" <<'FLOE_SUPERVISOR'
${supervisorScript}
FLOE_SUPERVISOR
}
await_begin() {
  n=0
  until [ -e "$dir/status" ]; do
    if [ -e "$dir/refused" ]; then
      rm -f "$dir/refused"
      refuse_held
      echo "Somebody else was faster: try again" >&2
      exit 1
    fi
    n=$((n + 1))
    [ "$n" -lt 150 ] || { echo "The supervisor did not begin within 30 seconds" >&2; exit 1; }
    nap
  done
}
forget_old() {
  for old in $(cd "$1" 2>/dev/null && ls -1t | tail -n +11); do
    [ "$old" = "$id" ] || rm -rf "\${1:?}/$old"
  done
}
`;

/** \`ID SYSTEM ACTION SECONDS LIMIT FLEET REVISION BY\`: answers \`started\`, \`locked\` or \`busy\`. Asked again, it says what it said. */
export const startScript = `${prelude}${reporting}${refusing}${launching}
id=$1
dir=$run/activations/$id
[ ! -e "$dir/status" ] || { echo "answer started"; exit 0; }
[ -x "$2/bin/switch-to-configuration" ] || { echo "There is no system $2 on the machine" >&2; exit 1; }
mkdir -p "$run/activations" || exit 1
refuse_held
refuse_others
rm -rf "$dir"
mkdir "$dir" || exit 1
tick
{
  say "id $1"
  say "system $2"
  say "action $3"
  say "seconds $4"
  say "limit $5"
  say "fleet $6"
  say "revision $7"
  say "by $8"
  echo "at $(date +%s)"
  echo "up $now"
  echo "boot $(boot_id)"
} >"$dir/request" && put_supervisor || exit 1
forget_old "$run/activations"
forget_old "$var/activations"
launch "$id" || exit 1
await_begin
echo "answer started"
`;

/**
 * `ID LINES SECONDS`: prints the log after so many lines as it grows, each line behind \`|\`, until the activation waits or is over, or for
 * so many seconds; then how it stands.
 */
export const followScript = `${prelude}${reporting}
id=$1
seen=$2
tick
until=$((now + $3))
show() {
  [ "$seen" != none ] && [ -e "$folder/log" ] || return 0
  lines=$(wc -l <"$folder/log")
  [ "$lines" -ge "$seen" ] || seen=0
  [ "$lines" -gt "$seen" ] || return 0
  sed -n "$((seen + 1)),\${lines}s/^/|/p" "$folder/log"
  seen=$lines
}
folder_of "$id" || { echo "state lost"; echo "why unknown"; [ ! -e /run/current-system ] || echo "current $(readlink -f /run/current-system)"; exit 0; }
while :; do
  show
  tick
  [ "$now" -lt "$until" ] || break
  case $(get state "$folder/status") in starting | booting | switching | going-back) is_supervised "$id" || break ;; *) break ;; esac
  nap
done
show
report
case $(get state "$folder/status") in starting | booting | switching | going-back) ;; *) newly_failed ;; esac
`;

/** All that are known, the newest first: the report of each begins with its \`id\`. */
export const listScript = `${prelude}${reporting}
for name in $({ ls -1t "$run/activations"; ls -1t "$var/activations"; } 2>/dev/null); do
  case " $known " in *" $name "*) continue ;; esac
  known="$known $name"
  id=$name
  ! folder_of "$id" || { echo "activation $id"; report; }
done
is_held && echo "held $holder"
exit 0
`;

/**
 * \`ID\`: what runs is to stay. The supervisor is told; where there is none any more, as after a reboot, it is written down here. Answers
 * \`confirmed\`, or how it stands instead.
 */
export const confirmScript = `${prelude}${reporting}${refusing}${deciding}${recording}
id=$1
folder_of "$id" || { echo "state lost"; echo "why unknown"; exit 0; }
if is_supervised "$id"; then
  dir=$folder
  case $(get state "$folder/status") in
    waiting)
      decide confirm ""
      n=0
      while [ "$(get state "$folder/status")" = waiting ] && is_supervised "$id" && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done ;;
  esac
fi
if ! is_supervised "$id"; then
  case $(get state "$folder/status") in
    confirmed | rolled-back | rollback-failed | failed) ;;
    *)
      refuse_held
      system=$(get system "$folder/request")
      if [ "$(readlink -f /run/current-system)" = "$system" ]; then
        number=$(get number "$folder/status")
        reason=
        record "$number" "$system"
        { echo "state confirmed"; grep -E '^(exit|number) ' "$folder/status"; [ -z "$reason" ] || say "reason $reason"; } >"$folder/status.new" &&
          mv -f "$folder/status.new" "$folder/status" || exit 1
        [ "$folder" = "$var/activations/$id" ] || cp "$folder/status" "$var/activations/$id/status" 2>/dev/null
        rm -f /nix/var/nix/gcroots/floe-activation-system /nix/var/nix/gcroots/floe-activation-previous
      fi ;;
  esac
fi
report
newly_failed
`;

/** \`ID SECONDS\`: floe reaches the machine and needs so much longer. Answers how it stands. */
export const prolongScript = `${prelude}${reporting}
id=$1
folder_of "$id" || { echo "state lost"; echo "why unknown"; exit 0; }
if is_supervised "$id" && [ "$(get state "$folder/status")" = waiting ] && [ ! -e "$folder/decision" ]; then
  tick
  echo "$((now + $2))" >"$folder/deadline.new" && mv -f "$folder/deadline.new" "$folder/deadline"
fi
report
`;

/** \`ID REASON\`: back to what was there before. Where no supervisor is left, one begins that does only this. */
export const revertScript = `${prelude}${reporting}${refusing}${deciding}${launching}
refuse_later() {
  system=$(get system "$folder/request")
  if [ "$(get action "$folder/request")" = boot ]; then
    now_there=$(readlink -f "$profile")
    [ "$now_there" != "$(get before "$folder/request")" ] || return 0
  else
    now_there=$(readlink -f /run/current-system)
    [ "$now_there" != "$(get previous "$folder/request")" ] || return 0
  fi
  [ "$now_there" = "$system" ] || { echo "$now_there is there by now" >&2; exit 1; }
}
end_left_behind() {
  is_held && [ "$holder" = "$id" ] && [ -n "$left_behind" ] || return 0
  kill -TERM "-$left_behind" 2>/dev/null
  n=0
  while lives "$left" "$left_start" && [ "$n" -lt 25 ]; do n=$((n + 1)); nap; done
  kill -KILL "-$left_behind" 2>/dev/null
  nap
}
id=$1
folder_of "$id" || { echo "state lost"; echo "why unknown"; exit 0; }
if is_supervised "$id"; then
  dir=$folder
  decide back "$2"
  n=0
  while case $(get state "$folder/status") in going-back | rolled-back | rollback-failed | failed | confirmed) false ;; esac && is_supervised "$id" && [ "$n" -lt 150 ]; do n=$((n + 1)); nap; done
fi
state=$(get state "$folder/status")
case $state in
  rolled-back | failed) ;;
  *)
    if ! is_supervised "$id"; then
      end_left_behind
      refuse_held
      refuse_others
      refuse_later
      dir=$run/activations/$id
      if [ "$folder" != "$dir" ]; then
        mkdir -p "$run/activations" && cp -R "$folder" "$dir" || exit 1
        folder=$dir
      fi
      printf 'back\\n%s\\n' "$2" >"$dir/decision.new" && mv -f "$dir/decision.new" "$dir/decision" || exit 1
      [ ! -e "$dir/status" ] || mv -f "$dir/status" "$dir/status.before"
      put_supervisor || exit 1
      launch "$id" back || exit 1
      await_begin
    fi ;;
esac
report
`;
