# PID 1 of a container: prepares /run and the network, activates, starts the services, then waits for the end.
#
# Incus and LXC ask an init that is not systemd to halt by SIGPWR and to reboot by SIGINT. The others are those that
# systemd, busybox and people use for the same.
umask 022
if [ $$ -ne 1 ]; then
  echo "init: this is a system's first process; to switch to this system run $systemConfig/bin/switch-to-configuration" >&2
  exit 1
fi
ending=
trap 'ending=halt' PWR TERM USR1 USR2 37
trap 'ending=reboot' INT

is_mounted() { grep -q " $1 " /proc/mounts; }
[ -e /proc/mounts ] || mount -t proc proc /proc
[ -e /sys/class ] || mount -t sysfs sysfs /sys 2>/dev/null
is_mounted /run || mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs /run
mkdir -p /run/firn/services /var/log
# What only a whole system may do, such as writing /etc/passwd, asks for this file.
ln -sfn "$systemConfig" /run/firn-booted
ln -sfn "$systemConfig" /run/booted-system

echo "firn: starting $(cat "$systemConfig/nixos-version") on $(uname -sr)"
. "$systemConfig/network"
"$systemConfig/activate" || echo "firn: the activation failed; going on" >&2
. "$systemConfig/dhcp"
firn-service start-all

# Waiting also collects the processes that lost their parents.
while [ -z "$ending" ]; do
  sleep 86400 &
  wait $!
done
kill $! 2>/dev/null

echo "firn: $ending"
trap '' PWR TERM USR1 USR2 37 INT
firn-service stop-all
sync
# A container ends with its first process; a reboot has to be said.
if [ "$ending" = reboot ]; then reboot -f; fi
exit 0
