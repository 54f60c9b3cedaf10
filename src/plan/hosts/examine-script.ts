/**
 * What a machine is asked about a change, as one script of POSIX shell: OLD is what runs, NEW what is to run. It reads the store paths of NEW's
 * closure, where they are known here; else MODE has `closure` in it, and it tells them if it has them. `dry-activate` in MODE: the new system may
 * be asked itself. It changes nothing. Sections begin with `# NAME`.
 */
export const examineScript = `PATH=$PATH:/run/current-system/sw/bin:/nix/var/nix/profiles/default/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
old=$1
new=$2
mode=$3
target() { [ ! -e "$1" ] || printf '%s\\t%s\\n' "$2" "$(readlink -f "$1")"; }
closure() {
  paths=$(nix-store --query --requisites "$1") || return 0
  echo "# $2"
  printf '%s\\n' "$paths"
  echo "# $2-sizes"
  printf '%s\\n' "$paths" | xargs nix-store --query --size
}
valid=
if command -v nix-store >/dev/null 2>&1; then
  echo '# missing'
  xargs nix-store --check-validity --print-invalid
  echo '# asked'
  [ -z "$old" ] || closure "$old" closure
  if nix-store --check-validity "$new" 2>/dev/null; then
    valid=yes
    case $mode in *closure*)
      closure "$new" next
      echo '# next-parts'
      target "$new/kernel" next.kernel
      target "$new/initrd" next.initrd
      target "$new/kernel-modules" next.kernelModules
      target "$new/systemd" next.systemd
      [ ! -e "$new/kernel-params" ] || printf 'next.kernelParams\\t%s\\n' "$(cat "$new/kernel-params")" ;;
    esac
  fi
  if [ -e "$old/sw" ]; then
    echo '# selected'
    nix-store --query --references "$(readlink -f "$old/sw")"
  fi
fi
if [ -d "$old/etc/systemd/system" ]; then
  cd "$old/etc/systemd/system/"
  echo '# units'
  find . -maxdepth 2 -type l -printf '%P\\t%l\\n' 2>/dev/null ||
    find . -maxdepth 2 -type l | while read -r link; do printf '%s\\t%s\\n' "\${link#./}" "$(readlink "$link")"; done
  echo '# kept'
  grep -lsE '^X-StopOnRemoval=(no|false)$' -- *.*
  cd /
fi
if [ -d /run/systemd/system ]; then
  echo '# active'
  systemctl list-units --state=active,activating,reloading --plain --no-legend --no-pager 2>/dev/null
fi
case $valid$mode in yes*dry-activate*)
  if [ -x "$new/bin/switch-to-configuration" ]; then
    echo '# dry-activate'
    timeout 60 "$new/bin/switch-to-configuration" dry-activate 2>&1
    echo "# exit $?"
  fi ;;
esac
echo '# end'
`;
