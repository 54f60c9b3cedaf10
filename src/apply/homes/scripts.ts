/**
 * Activating a home on its machine, as its user: POSIX shell with coreutils. The work is done by a process of its own, which goes on when the connection
 * ends; what it did is in a folder of the user's state, where the next look finds it.
 */
import { findHomeProfile } from "../../generations/observe-script.ts";

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
folder=$1 generation=$2 backup=$3 way=$4
${findHomeProfile}
link=$(readlink "$profile")
before=$(readlink -f "$profile") || before=
[ -z "$backup" ] || { HOME_MANAGER_BACKUP_EXT=$backup; export HOME_MANAGER_BACKUP_EXT; }
finish() { echo "$1 $code" >"$folder/result.new" && mv "$folder/result.new" "$folder/result"; rm -rf "$lock"; exit 0; }
lock=\${folder%/*}/lock
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
  if [ "$(readlink -f "$profile")" != "$generation" ]; then
    mkdir -p "\${profile%/*}"
    nix-env --profile "$profile" --set "$generation" >>"$folder/log" 2>&1 || finish failed
  fi
  finish "done"
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

/** \`ID GENERATION BACKUP dry|live USER HOME-OR-EMPTY\`: begins it; the first word of the answer is \`started\`, \`locked\`, \`user\` or \`missing\`. */
export const startHomeScript = `${places}
umask 077
[ "$(id -un)" = "$5" ] || { echo "user $(id -un)"; exit 0; }
[ -x "$2/activate" ] || { echo missing; exit 0; }
[ ! -e "$folder" ] || { echo started; exit 0; }
mkdir -p "$state" || exit 1
if ! mkdir "$state/lock" 2>/dev/null; then
  read -r holder since 2>/dev/null <"$state/lock/pid"
  if [ -n "$holder" ] && kill -0 "$holder" 2>/dev/null; then echo "locked $holder $since"; exit 0; fi
  rm -rf "$state/lock" && mkdir "$state/lock" || exit 1
fi
mkdir "$folder" || exit 1
ls -1t "$state" | grep -v '^lock$' | tail -n +11 | while read -r old; do rm -rf "\${state:?}/$old"; done
cat >"$folder/run" <<'FLOE_END'
${runner}
FLOE_END
: >"$folder/log"
setsid sh "$folder/run" "$folder" "$2" "$3" "$4" </dev/null >/dev/null 2>&1 &
echo "$! $(date +%s)" >"$state/lock/pid"
echo started
`;

/** \`ID LINES SECONDS\`: the lines of its log behind the first so many, each after a \`|\`; then \`result WORD CODE\`, \`running\` or \`lost\`. */
export const followHomeScript = `${places}
[ -e "$folder/run" ] || { echo unknown; exit 0; }
read -r pid _ 2>/dev/null <"$state/lock/pid"
left=$(($3 * 5))
while [ ! -e "$folder/result" ] && [ "$left" -gt 0 ] && kill -0 "$pid" 2>/dev/null; do
  sleep 0.2
  left=$((left - 1))
done
tail -n "+$(($2 + 1))" "$folder/log" | sed 's/^/|/'
echo
echo "previous $(cat "$folder/previous" 2>/dev/null)"
if [ -e "$folder/result" ]; then echo "result $(cat "$folder/result")"
elif kill -0 "$pid" 2>/dev/null; then echo running
else echo lost; fi
`;
