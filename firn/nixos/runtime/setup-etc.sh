# A step of `activate`. /etc/static points to the files of this system, /etc/NAME to /etc/static/NAME; /etc/.firn-copies
# lists the files that are copies. On a system that firn did not boot, files that are not firn's stay as they are.
new=$(readlink "$systemConfig/etc")
list=${new%/etc}/list
copies=/etc/.firn-copies
[ -e /run/firn-booted ] && foreign= || foreign=1
[ -e "$copies" ] || : >"$copies"

is_link() { [ "$(readlink "/etc/$1" 2>/dev/null)" = "/etc/static/$1" ]; }
is_copy() { grep -qxF -- "$1" "$copies"; }
listed() { awk -v path="$1" '{ sub(/^([^ ]* ){4}/, "") } $0 == path { found = 1 } END { exit !found }' "$list"; }

# What the last system had and this one has not.
old=$(readlink /etc/static 2>/dev/null || true)
if [ -n "$old" ] && [ -f "${old%/etc}/list" ]; then
  while read -r mode owner group kind path; do
    if is_link "$path" && ! listed "$path"; then rm -f "/etc/$path"; fi
  done <"${old%/etc}/list"
fi
while read -r path; do
  if ! listed "$path"; then rm -f "/etc/$path"; fi
done <"$copies"

: >"$copies.new"
while read -r mode owner group kind path; do
  to=/etc/$path
  if [ -n "$foreign" ]; then
    [ "$kind" = own ] || continue
    if { [ -e "$to" ] || [ -L "$to" ]; } && ! is_link "$path" && ! is_copy "$path"; then
      echo "warning: $to is not firn's and stays as it is" >&2
      continue
    fi
  fi
  case $path in */*) mkdir -p "${to%/*}" ;; esac
  if [ "$mode" = symlink ]; then
    if is_link "$path"; then continue; fi
    # A link cannot replace a directory in one step.
    if [ -d "$to" ] && [ ! -L "$to" ]; then rm -rf "$to"; fi
    ln -sfn "/etc/static/$path" "$to.firn-new"
    mv -f "$to.firn-new" "$to"
  else
    rm -rf "$to.firn-new"
    cp -L "$new/$path" "$to.firn-new"
    chown "$owner:$group" "$to.firn-new"
    chmod "$mode" "$to.firn-new"
    mv -f "$to.firn-new" "$to"
    echo "$path" >>"$copies.new"
  fi
done <"$list"
mv "$copies.new" "$copies"
ln -sfn "$new" /etc/static
