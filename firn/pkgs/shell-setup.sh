# Read by bash: as `$stdenv/setup` when a dev shell's environment is asked for, and as the builder when somebody builds
# the shell itself. Only the shell's packages come before the user's PATH: busybox would hide tools that can do more.
export PATH="${toolPath:+$toolPath:}$shellPath"

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  # Built rather than entered: the result lists what the shell is made of, so that a root keeps it.
  export -p >"$out"
fi
