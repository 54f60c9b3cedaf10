# Makes the running system this one, or the next boot.
#
# usage: switch-to-configuration switch | boot | test | dry-activate
# Exit codes: 0, 1 wrong use, 2 the activation failed, 4 services failed.
action=${1:-}
export NIXOS_ACTION="$action"
case $action in
  switch | boot | test | dry-activate) ;;
  *)
    echo "usage: $0 switch | boot | test | dry-activate" >&2
    echo "  switch        make this system the running one and that of the next boot" >&2
    echo "  boot          make this system that of the next boot" >&2
    echo "  test          make this system the running one, until the next boot" >&2
    echo "  dry-activate  say what switch would do" >&2
    exit 1
    ;;
esac

say() { echo "$1" >&2; }
# a b -> "a.service, b.service"
units() { echo "$@" | sed 's/\([^ ]*\)/\1.service/g; s/ /, /g'; }

# What starts this system at the next boot: for a container a link, for a machine with systemd a unit that does `test`
# with the system profile.
install_boot() {
  if [ -e /run/firn-booted ]; then
    ln -sfn "$systemConfig/init" /sbin/init
  elif [ -d /run/systemd/system ]; then
    mkdir -p /etc/systemd/system/multi-user.target.wants
    cat >/etc/systemd/system/firn.service <<END
[Unit]
Description=firn: the services of the system profile
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/nix/var/nix/profiles/system/bin/switch-to-configuration test
END
    ln -sfn ../firn.service /etc/systemd/system/multi-user.target.wants/firn.service
  fi
}
case $action in switch | boot) install_boot ;; esac
[ "$action" != boot ] || exit 0

new=$(readlink -f "$systemConfig/units")
stop= restart= start= keep=
for dir in /run/firn/services/*/; do
  [ -d "$dir" ] || continue
  dir=${dir%/}
  name=${dir##*/}
  if [ ! -e "$new/$name" ]; then stop="$stop $name"
  elif [ "$(readlink "$dir/unit")" = "$(readlink -f "$new/$name")" ]; then :
  elif grep -q '^restart_if_changed=no' "$new/$name/settings"; then keep="$keep $name"
  else restart="$restart $name"; fi
done
while read -r name; do
  [ -d "/run/firn/services/$name" ] || start="$start $name"
done <"$new/autostart"
# $restart in the order in which services start
ordered=
while read -r name; do case " $restart " in *" $name "*) ordered="$ordered $name" ;; esac; done <"$new/order"
restart=$ordered

if [ "$action" = dry-activate ]; then
  [ -z "$stop" ] || say "would stop the following units: $(units $stop)"
  [ -z "$keep" ] || say "would NOT restart the following changed units: $(units $keep)"
  say "would activate the configuration..."
  [ -z "$restart" ] || say "would restart the following units: $(units $restart)"
  [ -z "$start" ] || say "would start the following units: $(units $start)"
  exit 0
fi

code=0
[ -z "$stop" ] || { say "stopping the following units: $(units $stop)"; firn-service stop $stop; }
[ -z "$keep" ] || say "NOT restarting the following changed units: $(units $keep)"
say "activating the configuration..."
"$systemConfig/activate" >&2 || code=2

export FIRN_UNITS="$new"
[ -z "$restart" ] || { say "restarting the following units: $(units $restart)"; firn-service restart $restart; }
[ -z "$start" ] || { say "starting the following units: $(units $start)"; firn-service start $start; }

# A service that cannot live shows it at once.
if [ -n "$restart$start" ]; then
  usleep 300000
  failed=
  for name in $restart $start; do
    [ "$(cat "/run/firn/services/$name/state" 2>/dev/null)" != failed ] && [ ! -e "/run/firn/services/$name/failures" ] || failed="$failed $name"
  done
  fresh=
  for name in $start; do case " $failed " in *" $name "*) ;; *) fresh="$fresh $name" ;; esac; done
  [ -z "$fresh" ] || say "the following new units were started: $(units $fresh)"
  if [ -n "$failed" ]; then
    say "warning: the following units failed: $(units $failed)"
    for name in $failed; do tail -n 5 "/var/log/$name.log" 2>/dev/null | sed "s/^/  $name: /" >&2; done
    code=4
  fi
fi
exit $code
