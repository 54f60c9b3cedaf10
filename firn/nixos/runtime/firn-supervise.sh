# Runs one service: starts it, writes what it prints to its log, starts it again when it ends, until told to stop.
#
# usage: firn-supervise NAME (by firn-service)
name=$1
state=/run/firn/services/$name
unit=$(readlink "$state/unit")
log=/var/log/$name.log
echo $$ >"$state/pid"

restart=no
delay=0.1
type=simple
after_stop=
. "$unit/settings"

main=
stopping=
ending=0
stop() {
  stopping=1
  [ -z "$main" ] || kill -TERM "-$main" 2>/dev/null
}
trap stop TERM INT

say() { echo "$1" >"$state/state.new" && mv "$state/state.new" "$state/state"; }

# One reader for all runs of the service. On a console the lines carry the service's name.
if [ -f "$log" ] && [ "$(stat -c %s "$log")" -gt 10000000 ]; then mv "$log" "$log.old"; fi
: >>"$log"
mkfifo "$state/output"
if [ -t 1 ]; then prefix="$name: "; else prefix=; fi
awk -v prefix="$prefix" -v log_file="$log" '{ print >>log_file; fflush(log_file); print prefix $0; fflush() }' <"$state/output" &
reader=$!
exec >"$state/output" 2>&1

# Waits for the main process, however many signals come between.
wait_main() {
  while :; do
    wait "$main" 2>/dev/null
    code=$?
    kill -0 "$main" 2>/dev/null || return
  done
}
pause() {
  [ -z "$stopping" ] || return
  sleep "$1" &
  main=$!
  wait "$main" 2>/dev/null
  kill "$main" 2>/dev/null
  main=
}

while [ -z "$stopping" ]; do
  # A session of its own, so that the service's children stop with it.
  setsid "$unit/run" </dev/null &
  main=$!
  echo "$main" >"$state/main"
  [ "$type" = oneshot ] || say running
  wait_main
  kill -KILL "-$main" 2>/dev/null
  main=
  [ -z "$stopping" ] || break
  if [ "$type" = oneshot ] && [ "$code" -eq 0 ]; then
    say "done"
    # It counts as running until it is stopped.
    while [ -z "$stopping" ]; do pause 86400; done
    break
  fi
  [ "$code" -eq 0 ] || echo x >>"$state/failures"
  case $restart:$code in
    always:* | on-failure:[1-9]*)
      say waiting
      echo "firn: $name ended with code $code; starting it again in $delay s"
      pause "$delay"
      ;;
    *)
      if [ "$code" -eq 0 ]; then say "done"; else say failed; echo "firn: $name failed with code $code"; fi
      # To systemd the unit has then failed as well.
      if [ "$code" -ne 0 ] && [ ! -e /run/firn-booted ] && [ -d /run/systemd/system ]; then ending=1; break; fi
      while [ -z "$stopping" ]; do pause 86400; done
      ;;
  esac
done
if [ -n "$after_stop" ]; then "$unit/stopped"; fi
# The reader ends when the last writer does; a process that left the service's session may hold on to it.
exec >/dev/null 2>&1
(usleep 300000; kill "$reader") &
wait "$reader"
exit "$ending"
