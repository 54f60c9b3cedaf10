/** Parts of scripts that run on a machine: who is at work there, told by a lock that outlives no process. POSIX shell, with coreutils and sed. */

/**
 * A process is known by its number and when it began, in ticks since the boot: numbers come again. One that has ended and was not
 * waited for is gone.
 */
export const processes = `
began() {
  [ -n "$1" ] || return 0
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | { read -r state _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ && [ "$state" != Z ] && echo "$start"; }
}
boot_id() { cat /proc/sys/kernel/random/boot_id 2>/dev/null; }
nap() { sleep 0.2; }
lives() { [ -n "$2" ] && [ "$(began "$1")" = "$2" ]; }
`;

/**
 * The file \`$lock\` names the work and its process: \`ID PID START BOOT\`. It is held as long as that process, or a switch that it left
 * behind, is there.
 */
export const locking = `
is_held() {
  holder='' holder_pid='' holder_start='' holder_boot='' left_behind=''
  read -r holder holder_pid holder_start holder_boot 2>/dev/null <"$lock" || return 1
  [ "$holder_boot" = "$(boot_id)" ] || return 1
  lives "$holder_pid" "$holder_start" && return 0
  left='' left_start=''
  read -r left left_start 2>/dev/null <"$run/activations/$holder/child" || return 1
  lives "$left" "$left_start" || return 1
  left_behind=$left
}
is_supervised() { is_held && [ "$holder" = "$1" ] && [ -z "$left_behind" ]; }
`;

/**
 * \`acquire\` takes the lock for the work \`$id\`, or fails with its holder in \`$holder_pid\`. The lock is a link to a file of one's own, in the folder
 * \`$dir\` beside it, made only where there is none. Of a stale lock one successor alone may take the place.
 */
export const acquiring = `
acquire() {
  mine="$id $$ $(began $$) $(boot_id)"
  tries=0
  rm -f "$dir/lock"
  echo "$mine" >"$dir/lock" || return 1
  until ln "$dir/lock" "$lock" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || return 1
    ! is_held || return 1
    [ -e "$lock" ] || continue
    claim=$lock.$holder-$holder_pid-$holder_start
    if ln "$dir/lock" "$claim" 2>/dev/null; then
      echo "$mine" >"$dir/lock.new" && mv -f "$dir/lock.new" "$lock"
      break
    fi
    read -r _ claimer claimer_start _ 2>/dev/null <"$claim" && ! lives "$claimer" "$claimer_start" && rm -f "$claim"
    nap
  done
  [ "$(cat "$lock")" = "$mine" ]
}
release() { [ "$(cat "$lock" 2>/dev/null)" != "$mine" ] || rm -f "$lock"; }
`;
