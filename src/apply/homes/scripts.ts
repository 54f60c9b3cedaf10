/**
 * Activating a home on its machine, as its user: POSIX shell with coreutils. The work is done by a process of its own, which goes on when the connection
 * ends; what it did is in a folder of the user's state, where the next look finds it.
 */
import { findHomeProfile } from "../../generations/observe-script.ts";
import { acquiring, locking, processes } from "../../machine/lock-script.ts";

const places = `
state=\${XDG_STATE_HOME:-$HOME/.local/state}/floe/homes
folder=$state/$1
USER=$(id -un)
export USER
`;

/**
 * What becomes of it is one word in \`result\`, with the exit code of the activation behind it:
 * \`done\`; \`tried\` for a dry run; \`refused\` when it ended before it changed the profile and names files in its way; \`rolled-back\`;
 * \`failed\` with nothing to go back to; \`rollback-failed\`.
 */
const runner = `
${processes}${locking}${acquiring}
folder=$1 generation=$2 backup=$3 way=$4
id=\${folder##*/} dir=$folder run=$folder lock=\${folder%/*}/active
acquire || { echo "$holder_pid" >"$folder/refused"; exit 1; }
echo "$$ $(began $$)" >"$folder/pid.new" && mv "$folder/pid.new" "$folder/pid" || { release; exit 1; }
${findHomeProfile}
link=$(readlink "$profile")
before=$(readlink -f "$profile") || before=
[ -z "$backup" ] || { HOME_MANAGER_BACKUP_EXT=$backup; export HOME_MANAGER_BACKUP_EXT; }
finish() { echo "$1 $code" >"$folder/result.new" && mv "$folder/result.new" "$folder/result"; release; exit 0; }
echo "$before" >"$folder/previous"
if [ "$way" = dry ]; then
  DRY_RUN=1 VERBOSE=1 "$generation/activate" >>"$folder/log" 2>&1
  code=$?
  [ "$code" = 0 ] && finish tried
  finish refused
fi
"$generation/activate" >>"$folder/log" 2>&1
code=$?
if [ "$code" = 0 ]; then
  own_profile
  [ "$(readlink -f "$profile")" != "$generation" ] || finish "done"
  mkdir -p "\${profile%/*}"
  nix-env --profile "$profile" --set "$generation" >>"$folder/log" 2>&1
  code=$?
  [ "$code" != 0 ] || finish "done"
  echo "floe: the generation is active, but the profile could not be set to it" >>"$folder/log"
fi
own_profile
if [ "$(readlink "$profile")" = "$link" ] && grep -Eq "Existing file '.*' (is in the way|would be clobbered)" "$folder/log"; then finish refused; fi
[ -n "$before" ] || finish failed
echo "floe: going back to $before" >>"$folder/log"
unset HOME_MANAGER_BACKUP_EXT
"$before/activate" >>"$folder/log" 2>&1 || finish rollback-failed
if [ "$(readlink "$profile")" != "$link" ]; then
  number=\${link%-link}
  nix-env --profile "$profile" --switch-generation "\${number##*-}" >>"$folder/log" 2>&1
fi
[ "$(readlink -f "$profile")" = "$before" ] || finish rollback-failed
finish rolled-back
`;

/** \`ID GENERATION BACKUP dry|live USER\`: begins it; the first word of the answer is \`started\`, \`locked\` (by a process), \`user\` or \`missing\`. */
export const startHomeScript = `${processes}${places}
umask 077
[ "$(id -un)" = "$5" ] || { echo "user $(id -un)"; exit 0; }
[ -x "$2/activate" ] || { echo missing; exit 0; }
[ ! -e "$folder/pid" ] || { echo started; exit 0; }
# A connection that ended has asked for it already: then it is only waited for.
if [ ! -d "$folder" ]; then
  mkdir -p "$state" && mkdir "$folder" || exit 1
  ls -1t "$state" | grep -v '^active' | tail -n +11 | while read -r old; do rm -rf "\${state:?}/$old"; done
  cat >"$folder/run" <<'FLOE_END' || exit 1
${runner}
FLOE_END
  : >"$folder/log"
  setsid sh "$folder/run" "$folder" "$2" "$3" "$4" </dev/null >/dev/null 2>&1 &
fi
left=150
until [ -e "$folder/pid" ]; do
  if [ -e "$folder/refused" ]; then echo "locked $(cat "$folder/refused")"; rm -rf "$folder"; exit 0; fi
  left=$((left - 1))
  [ "$left" -gt 0 ] || { echo "it did not begin within 30 seconds" >&2; exit 1; }
  nap
done
echo started
`;

/** \`ID LINES SECONDS\`: the lines of its log behind the first so many, each after a \`|\`; then \`result WORD CODE\`, \`running\` or \`lost\`. */
export const followHomeScript = `${processes}${places}
[ -e "$folder/run" ] || { echo unknown; exit 0; }
pid='' start=''
read -r pid start 2>/dev/null <"$folder/pid"
left=$(($3 * 5))
while [ ! -e "$folder/result" ] && [ "$left" -gt 0 ] && lives "$pid" "$start"; do
  nap
  left=$((left - 1))
done
# Whether it runs is asked before what it left: it may end in between.
end=lost
! lives "$pid" "$start" || end=running
[ ! -e "$folder/result" ] || end="result $(cat "$folder/result")"
# A line that is not written to its end comes with the next look.
lines=$(wc -l <"$folder/log")
[ "$end" = running ] || lines='$'
[ "$lines" = '$' ] || [ "$lines" -gt "$2" ] && sed -n "$(($2 + 1)),\${lines}s/^/|/p" "$folder/log"
echo
echo "previous $(cat "$folder/previous" 2>/dev/null)"
echo "$end"
`;
