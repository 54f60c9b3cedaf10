# Called by udhcpc with what happened, and the lease in the environment.
case $1 in
  deconfig)
    ip addr flush dev "$interface"
    ip link set "$interface" up
    ;;
  bound | renew)
    ip addr replace "$ip/${mask:-24}" dev "$interface"
    for gateway in ${router:-}; do ip route replace default via "$gateway" dev "$interface" && break; done
    if [ -n "${dns:-}" ] && [ ! -L /etc/resolv.conf ]; then
      for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf.new
      mv /etc/resolv.conf.new /etc/resolv.conf
    fi
    ;;
esac
