/**
 * The supervisor: the part of an activation that runs on the machine by itself, whatever becomes of floe, its connection, sshd or the
 * network. It makes the system the one that boots, switches to it, waits to be told that the machine can still be reached, and goes
 * back to exactly what was there before when it is not.
 */
import { acquiring } from "../../machine/lock-script.ts";
import { prelude } from "./shell.ts";

/** What is known is also written to the disk, as far as there is room: /run does not outlive a reboot. */
const telling = `
tell() {
  {
    echo "state $1"
    [ -z "$code" ] || echo "exit $code"
    [ -z "$number" ] || echo "number $number"
    [ -z "$deadline" ] || echo "deadline $deadline"
    [ -z "$reason" ] || say "reason $reason"
  } >"$dir/status.new" && mv -f "$dir/status.new" "$dir/status"
  keep
}
keep() {
  kept=$var/activations/$id
  mkdir -p "$kept" || return 0
  for file in request status failed-before log; do
    [ ! -e "$dir/$file" ] || { cp "$dir/$file" "$kept/$file.new" && mv -f "$kept/$file.new" "$kept/$file"; } || rm -f "$kept/$file.new"
  done
} 2>/dev/null
note() { say "floe: $1" >>"$log"; }
`;

/**
 * \`attempt WORDS...\`: runs a program in a session of its own, so that all of it can be ended, and for no longer than the limit; its exit
 * code is in \`code\`: 124 where it took too long, 125 where it was ended because somebody asked to go back. The code is left in a file,
 * for a supervisor that is gone. What prints without an end does not fill /run.
 */
const attempting = `
attempt() {
  rm -f "$dir/ended"
  setsid sh -c '
    echo 0 2>/dev/null >/proc/self/oom_score_adj
    ended=$1
    shift
    "$@"
    echo $? >"$ended.new" && mv -f "$ended.new" "$ended"
  ' floe "$dir/ended" "$@" </dev/null >>"$log" 2>&1 &
  child=$!
  child_start=$(began "$child")
  echo "$child $child_start" >"$dir/child"
  tick
  until=$((now + limit))
  early=
  while [ ! -e "$dir/ended" ] && lives "$child" "$child_start"; do
    tick
    if [ "$now" -ge "$until" ]; then early=124; elif [ -n "$heed" ] && [ -e "$dir/decision" ]; then early=125; fi
    [ -z "$early" ] || { end_child; break; }
    beats=$((\${beats:-0} + 1))
    [ $((beats % 10)) -ne 0 ] || shorten_log
    nap
  done
  shorten_log
  code=$early
  [ -n "$code" ] || code=$(cat "$dir/ended" 2>/dev/null)
  code=\${code:-137}
  rm -f "$dir/child"
  child=
  return "$code"
}
shorten_log() {
  [ "$(wc -c <"$log")" -gt 4000000 ] || return 0
  tail -c 100000 "$log" >"$log.new" && cat "$log.new" >"$log"
  rm -f "$log.new"
}
end_child() {
  kill -TERM "-$child" 2>/dev/null
  patience=25
  while [ "$patience" -gt 0 ] && kill -0 "-$child" 2>/dev/null; do patience=$((patience - 1)); nap; done
  kill -KILL "-$child" 2>/dev/null
}
how() {
  case $code in
    124) echo "was not over after $limit seconds" ;;
    125) echo "was ended" ;;
    137) echo "was killed" ;;
    *) echo "ended with code $code" ;;
  esac
}
`;

/** Written once: who comes first, floe or the deadline, decides. */
export const deciding = `
decide() {
  printf '%s\\n%s\\n' "$1" "$2" >"$dir/decision.$$" || return 1
  ln "$dir/decision.$$" "$dir/decision" 2>/dev/null
  decided=$?
  rm -f "$dir/decision.$$"
  return "$decided"
}
`;

/** A line for each system that floe put on this machine and that was confirmed; replaced as a whole, and never endless. */
export const recording = `
record() {
  line=$(printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s' "\${1:-0}" "$2" "$(get fleet "$folder/request")" "$(get revision "$folder/request")" "$(get by "$folder/request")" "$(date +%s)")
  mkdir -p "$var" && { tail -n 999 "$var/generations" 2>/dev/null; say "$line"; } 2>/dev/null >"$var/generations.new" &&
    mv -f "$var/generations.new" "$var/generations" && return 0
  rm -f "$var/generations.new"
  reason="It could not be written to $var/generations"
  return 1
}
number_of() { say "$1" | sed -n 's/^system-\\([0-9]*\\)-link$/\\1/p'; }
`;

/** Back to what \`request\` says was there: the generation of the profile by its number, the boot loader, and what ran. */
const goingBack = `
go_back() {
  heed=
  first_code=$code
  wrong=
  tell going-back
  note "going back: $reason"
  ran=
  [ -z "$touched" ] || [ "$action" = boot ] || ran=1
  if [ "$action" != test ]; then
    restore_profile || wrong="the profile could not be set back"
    if [ -n "$before" ] && { [ -z "$ran" ] || [ "$before" != "$previous" ]; }; then
      attempt "$before/bin/switch-to-configuration" boot || wrong="the boot loader of the system before $(how)"
    fi
  fi
  if [ -n "$ran" ] && [ -z "$previous" ]; then
    wrong="there was no system before"
  elif [ -n "$ran" ]; then
    way=switch
    [ "$action" != test ] && [ "$before" = "$previous" ] || way="test"
    attempt "$previous/bin/switch-to-configuration" "$way"
    runs=$(readlink -f /run/current-system)
    case $code in
      0 | 4) [ "$runs" = "$previous" ] || wrong="the switch back ended with code $code, but $runs runs" ;;
      *) wrong="the switch back $(how)" ;;
    esac
  fi
  code=$first_code
  [ -z "$wrong" ] || { reason="$reason; $wrong"; finish rollback-failed; }
  # What was confirmed was known, so what it replaced is to be as well.
  [ "$was" != confirmed ] || [ -z "$previous" ] || grep -Fq "$(printf '\\t%s\\t' "$previous")" "$var/generations" ||
    record "$(number_of "$link")" "$previous"
  if [ -n "$touched" ]; then finish rolled-back; else finish failed; fi
}
restore_profile() {
  [ "$(readlink "$profile")" != "$link" ] || [ "$(readlink -f "$profile")" != "$before" ] || return 0
  if [ -z "$before" ]; then rm -f "$profile"; return; fi
  if [ "$(readlink -f "\${profile%/*}/$link")" = "$before" ]; then
    attempt nix-env -p "$profile" --switch-generation "$(number_of "$link")"
  else
    attempt nix-env -p "$profile" --set "$before"
  fi
  [ "$(readlink -f "$profile")" = "$before" ]
}
finish() {
  deadline=
  note "$1\${reason:+: $reason}"
  tell "$1"
  case $1 in rollback-failed) ;; *) rm -f /nix/var/nix/gcroots/floe-activation-system /nix/var/nix/gcroots/floe-activation-previous ;; esac
  release
  exit 0
}
`;

/** From the first note of what is there to the decision. */
const going = `
go_on() {
  case $action in
    switch | boot)
      tell booting
      note "making $system the one that boots"
      attempt nix-env -p "$profile" --set "$system" || { reason="The profile could not be set: nix-env $(how)"; stopped; go_back; }
      number=$(number_of "$(readlink "$profile")")
      attempt "$system/bin/switch-to-configuration" boot || { reason="Making it the one that boots $(how)"; stopped; go_back; }
      if [ "$action" = boot ]; then record "$number" "$system"; finish confirmed; fi ;;
  esac
  touched=1
  tell switching
  note "switching to $system"
  attempt "$system/bin/switch-to-configuration" "$action"
  case $code in
    0 | 4) [ "$(readlink -f /run/current-system)" = "$system" ] || reason="The switch ended with code $code, but $(readlink -f /run/current-system) runs" ;;
    100) reason="It cannot be switched to while the machine runs (code 100): use boot, and reboot" ;;
    *) reason="The switch $(how)" ;;
  esac
  stopped
  [ -z "$reason" ] || go_back
  await_decision
}
why_asked() { reason=$(sed -n 2p "$dir/decision"); }
stopped() { [ "$code" != 125 ] || why_asked; }
await_decision() {
  heed=
  tick
  deadline=$((now + seconds))
  tell waiting
  note "waiting $seconds seconds to be confirmed"
  until [ -e "$dir/decision" ]; do
    tick
    [ ! -e "$dir/deadline" ] || read -r deadline <"$dir/deadline"
    if [ "$now" -ge "$deadline" ]; then
      reason="It was not confirmed in time: floe did not reach the machine"
      decide back "$reason" || [ -e "$dir/decision" ] || go_back
    fi
    nap
  done
  why_asked
  [ "$(sed -n 1p "$dir/decision")" = confirm ] || go_back
  record "$number" "$system"
  finish confirmed
}
`;

/** What was there before, noted once. A link that leads nowhere is as good as none. */
const noting = `
observe() {
  previous='' before='' link=''
  [ ! -e /run/current-system ] || previous=$(readlink -f /run/current-system)
  [ ! -e "$profile" ] || { before=$(readlink -f "$profile"); link=$(readlink "$profile"); }
  failed_units | sort -u >"$dir/failed-before"
  {
    echo "previous $previous"
    echo "before $before"
    echo "link $link"
  } >>"$dir/request"
  mkdir -p /nix/var/nix/gcroots
  ln -sfn "$system" /nix/var/nix/gcroots/floe-activation-system
  [ -z "$previous" ] || ln -sfn "$previous" /nix/var/nix/gcroots/floe-activation-previous
}
`;

/** \`ID [back]\`: carries the request in the activation's folder out, or takes it back. */
export const supervisorScript = `${prelude}${acquiring}${telling}${attempting}${deciding}${recording}${goingBack}${going}${noting}
id=$1
dir=$run/activations/$id
folder=$dir
log=$dir/log
request=$dir/request
cd / || exit 1
code='' reason='' number='' deadline='' child='' heed=1 touched='' was=''
echo -500 2>/dev/null >/proc/self/oom_score_adj
acquire || { echo locked >"$dir/refused"; exit 1; }
trap '[ -z "$child" ] || end_child; note "ended by a signal"; keep; exit 143' TERM INT
system=$(get system "$request")
action=$(get action "$request")
seconds=$(get seconds "$request")
limit=$(get limit "$request")
if [ "$2" = back ]; then
  previous=$(get previous "$request")
  before=$(get before "$request")
  link=$(get link "$request")
  code=$(get exit "$dir/status.before")
  number=$(get number "$dir/status.before")
  was=$(get state "$dir/status.before")
  touched=1
  why_asked
  go_back
fi
tell starting
observe
go_on
`;
