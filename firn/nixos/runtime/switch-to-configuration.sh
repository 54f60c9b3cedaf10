# Makes the running system this one, or the next boot.
#
# usage: switch-to-configuration switch | boot | test | dry-activate
# Exit codes: 0, 1 wrong use or another one is at it, 2 the activation failed, 4 services failed.
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

# One at a time, where the machine has a flock. What is started here does not hold on to it: 9>&- below.
if [ "$action" != dry-activate ] && [ -x /usr/bin/flock ]; then
  mkdir -p /run/nixos
  exec 9>/run/nixos/switch-to-configuration.lock
  /usr/bin/flock -n 9 || { say "Could not acquire lock"; exit 1; }
fi

# a b -> "a.service, b.service"
units() { echo "$@" | sed 's/\([^ ]*\)/\1.service/g; s/ /, /g'; }

# What starts this system at the next boot, as a boot loader's entry: one link, replaced in one step, so that the old or the new
# system boots whatever happens. Under systemd two units follow it: the first says, before anybody can log in, what was booted
# and runs; the second does `test`.
link_boot() {
  ln -sfn "$1" "$2.firn-new"
  mv -fT "$2.firn-new" "$2"
}
put_unit() {
  cat >"/etc/systemd/system/.$1.new"
  mv -f "/etc/systemd/system/.$1.new" "/etc/systemd/system/$1"
  mkdir -p "/etc/systemd/system/$2.wants"
  ln -sfn "../$1" "/etc/systemd/system/$2.wants/$1"
}
install_boot() {
  if [ -e /run/firn-booted ]; then
    link_boot "$systemConfig/init" /sbin/init
  elif [ -d /run/systemd/system ]; then
    put_unit firn-boot.service sysinit.target <<END
[Unit]
Description=firn: which system was booted
DefaultDependencies=no
After=local-fs.target
Before=sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'for name in booted current; do ln -sfn "\$\$(readlink /etc/firn-boot)" /run/\$\$name-system; done'
END
    put_unit firn.service multi-user.target <<END
[Unit]
Description=firn: the system that boots
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/etc/firn-boot/bin/switch-to-configuration test
END
    link_boot "$systemConfig" /etc/firn-boot
  else
    return 0
  fi
  # Collecting garbage spares what runs and what was booted.
  mkdir -p /nix/var/nix/gcroots
  ln -sfn /run/current-system /nix/var/nix/gcroots/current-system
  ln -sfn /run/booted-system /nix/var/nix/gcroots/booted-system
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
[ -z "$stop" ] || { say "stopping the following units: $(units $stop)"; firn-service stop $stop 9>&-; }
[ -z "$keep" ] || say "NOT restarting the following changed units: $(units $keep)"
say "activating the configuration..."
"$systemConfig/activate" >&2 9>&- || code=2

export FIRN_UNITS="$new"
[ -z "$restart" ] || { say "restarting the following units: $(units $restart)"; firn-service restart $restart 9>&-; }
[ -z "$start" ] || { say "starting the following units: $(units $start)"; firn-service start $start 9>&-; }

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
