# Brings the running system to this configuration. Every step runs even if one before it failed; the exit code then says so.
umask 022
export systemConfig
status=0

while read -r step; do
  sh -e "$systemConfig/activation/$step" </dev/null
  code=$?
  if [ "$code" -ne 0 ]; then
    echo "Activation script snippet '${step#*-}' failed ($code)" >&2
    status=1
  fi
done <"$systemConfig/activation/order"

mkdir -p /run
ln -sfn "$systemConfig" /run/current-system
exit $status
