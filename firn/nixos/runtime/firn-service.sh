# Starts and stops the services of the running system.
#
# usage: firn-service list | status [NAME] | start NAME... | stop NAME... | restart NAME... | start-all | stop-all
#
# A service has a directory in /run/firn/services: `unit` is what it was started from, `pid` its supervisor, `main` its
# main process, `state` one of: starting, running, done, waiting, failed. It is removed when the service stops.
state_root=/run/firn/services
units=${FIRN_UNITS:-$(readlink -f /run/current-system/units 2>/dev/null || readlink -f "$systemConfig/units")}

supervisor_of() {
  pid=$(cat "$state_root/$1/pid" 2>/dev/null) || return 1
  # A number can be taken by another process.
  grep -q firn-supervise "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}
state_of() {
  if [ -d "$state_root/$1" ]; then cat "$state_root/$1/state" 2>/dev/null || echo starting; else echo stopped; fi
}

# Its name for systemd, which may have one of this name already.
unit_of() {
  case $(systemctl show --property FragmentPath --value "$1.service") in
    "" | /run/systemd/transient/*) echo "$1" ;;
    *) echo "firn-$1" ;;
  esac
}

start() {
  unit=$(readlink -f "$units/$1") || { echo "firn-service: there is no service $1" >&2; return 1; }
  [ -d "$unit" ] || { echo "firn-service: there is no service $1" >&2; return 1; }
  if [ -n "$(supervisor_of "$1")" ]; then return 0; fi
  rm -rf "${state_root:?}/$1"
  mkdir -p "$state_root/$1" /var/log
  ln -sfn "$unit" "$state_root/$1/unit"
  echo starting >"$state_root/$1/state"
  if [ -e /run/firn-booted ]; then
    setsid firn-supervise "$1" </dev/null >/dev/console 2>&1 &
  elif [ -d /run/systemd/system ]; then
    # Of its own, or the service would end together with the unit that the switch runs in. One that failed stays there to be seen.
    unit_name=$(unit_of "$1")
    systemctl --quiet reset-failed "$unit_name" 2>/dev/null
    systemd-run --quiet --unit="$unit_name" -p KillMode=mixed "$supervise" "$1"
  else
    setsid firn-supervise "$1" </dev/null >/dev/null 2>&1 &
  fi
  # The services after a one-shot one need its result.
  if grep -q '^type=oneshot' "$unit/settings"; then
    while case $(state_of "$1") in starting | running) [ -d "$state_root/$1" ] ;; *) false ;; esac; do usleep 10000; done
    [ "$(state_of "$1")" != failed ]
  fi
}

seconds() { read -r uptime _ </proc/uptime && echo "${uptime%.*}"; }

# Asks several to stop, then waits for all of them; what does not stop in its time is killed.
stop() {
  for name in "$@"; do
    pid=$(supervisor_of "$name") && kill -TERM "$pid" 2>/dev/null
  done
  begun=$(seconds)
  for name in "$@"; do
    pid=$(supervisor_of "$name")
    patience=5
    [ ! -f "$state_root/$name/unit/settings" ] || . "$state_root/$name/unit/settings"
    while [ -n "$pid" ] && [ -d "/proc/$pid" ]; do
      usleep 10000
      if [ $(($(seconds) - begun)) -gt "$patience" ]; then
        echo "firn-service: $name does not stop; killing it" >&2
        main=$(cat "$state_root/$name/main" 2>/dev/null) && kill -KILL "-$main" 2>/dev/null
        kill -KILL "$pid" 2>/dev/null
        break
      fi
    done
    rm -rf "${state_root:?}/$name"
    if [ ! -e /run/firn-booted ] && [ -d /run/systemd/system ]; then
      systemctl --quiet reset-failed "$(unit_of "$name").service" 2>/dev/null
    fi
  done
}

running() {
  for dir in "$state_root"/*/; do
    [ -d "$dir" ] || continue
    dir=${dir%/}
    echo "${dir##*/}"
  done
}

verb=${1:-status}
[ $# -eq 0 ] || shift
case $verb in
  list) cat "$units/order" ;;
  status)
    code=0
    for name in ${*:-$(cat "$units/order")}; do
      state=$(state_of "$name")
      printf '%s: %s\n' "$name" "$state"
      case $state in starting | running | done) ;; *) code=3 ;; esac
    done
    exit $code
    ;;
  start) code=0; for name in "$@"; do start "$name" || code=1; done; exit $code ;;
  stop) stop "$@" ;;
  restart) stop "$@"; code=0; for name in "$@"; do start "$name" || code=1; done; exit $code ;;
  start-all) code=0; while read -r name; do start "$name" || code=1; done <"$units/autostart"; exit $code ;;
  stop-all) stop $(running) ;;
  *) echo "usage: firn-service list | status [NAME] | start NAME... | stop NAME... | restart NAME..." >&2; exit 2 ;;
esac
