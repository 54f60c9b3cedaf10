# Run by busybox's shell in the build directory, with the derivation's attributes in the environment.
set -eu

PATH=
for input in ${nativeBuildInputs:-} ${buildInputs:-} ${propagatedBuildInputs:-}; do
  if [ -d "$input/bin" ]; then PATH="$PATH$input/bin:"; fi
done
PATH="$PATH$initialPath"
export PATH
export HOME=/homeless-shelter
NIX_BUILD_TOP=${NIX_BUILD_TOP:-$PWD}
SOURCE_DATE_EPOCH=1
export SOURCE_DATE_EPOCH
prefix=${prefix:-$out}

# The text of a step: an attribute of the derivation, or the file it was passed in.
text_of() {
  eval "passed=\${${1}Path:-}"
  if [ -n "$passed" ] && [ -f "$passed" ]; then cat "$passed"; else eval "printf '%s' \"\${$1:-}\""; fi
}
# Runs a hook or a phase that the derivation may define.
run_step() {
  step=$(text_of "$1")
  if [ -n "$step" ]; then eval "$step"; fi
}
runHook() { run_step "$1"; }

# substituteInPlace FILE --replace-fail OLD NEW …, with literal texts
substituteInPlace() {
  target=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --replace | --replace-fail | --replace-quiet | --replace-warn)
        if ! grep -qF -- "$2" "$target"; then
          if [ "$1" = --replace-fail ]; then echo "substituteInPlace: \"$2\" is not in $target" >&2; return 1; fi
        else
          OLD=$2 NEW=$3 awk '{
            rest = $0; line = ""
            while ((at = index(rest, ENVIRON["OLD"])) > 0) {
              line = line substr(rest, 1, at - 1) ENVIRON["NEW"]
              rest = substr(rest, at + length(ENVIRON["OLD"]))
            }
            print line rest
          }' "$target" >"$NIX_BUILD_TOP/.substituted"
          cat "$NIX_BUILD_TOP/.substituted" >"$target"
        fi
        shift 3
        ;;
      *) echo "substituteInPlace: unknown argument $1" >&2; return 1 ;;
    esac
  done
}

unpack_source() {
  if [ -d "$1" ]; then
    cp -R "$1" source
    chmod -R u+w source
    cd source
  else
    case $1 in
      *.tar) tar -xf "$1" ;;
      *.tar.gz | *.tgz) tar -xzf "$1" ;;
      *.tar.xz) tar -xJf "$1" ;;
      *.tar.bz2) tar -xjf "$1" ;;
      *) echo "unpackPhase: $1 is neither a directory nor a tar file; set dontUnpack = true" >&2; exit 1 ;;
    esac
    cd "${sourceRoot:-$(ls -d */ | head -n 1)}"
  fi
}

# A phase that the derivation defines replaces the usual one; dontX = true leaves it out.
run_phase() {
  own=$(text_of "$1Phase")
  if [ -n "$own" ]; then echo "Running phase: $1Phase"; eval "$own"; else "usual_$1"; fi
}
usual_unpack() {
  if [ -n "${src:-}" ] && [ -z "${dontUnpack:-}" ]; then
    echo "Running phase: unpackPhase"
    unpack_source "$src"
  fi
}
usual_patch() {
  for patch in ${patches:-}; do echo "applying patch $patch"; patch -p1 <"$patch"; done
  run_step postPatch
}
usual_configure() { :; }
usual_build() { :; }
usual_install() { :; }
usual_fixup() { run_step postFixup; }

command=$(text_of buildCommand)
if [ -n "$command" ]; then
  eval "$command"
else
  for phase in ${firnPhases:-unpack patch configure build install fixup}; do run_phase "$phase"; done
fi
