/**
 * GC roots of systems on the machine of an Incus server, by POSIX shell, so that the same is run here and over ssh. Whoever
 * owns the store links them below \`gcroots/floe\`, where an administrator finds them; others let Nix register links of theirs.
 */

/** `$base`: the folder of the roots; `$own`: set when the links need no registration. */
const prelude = `
set -e
gcroots=\${NIX_STATE_DIR:-/nix/var/nix}/gcroots
folder=$1
shift
if [ -w "$gcroots" ]; then own=1 base=$gcroots/floe/$folder
else own= base=\${XDG_STATE_HOME:-$HOME/.local/state}/floe/roots/$folder; fi
`;

/** `FOLDER PATH`: protects a store path; its root has the path's name. */
export const addRootScript = `${prelude}
mkdir -p "$base"
name=\${1##*/}
[ "$(readlink "$base/$name" 2>/dev/null)" != "$1" ] || exit 0
if [ -n "$own" ]; then
  rm -f "$base/$name"
  ln -s "$1" "$base/$name"
else
  nix-store --realise "$1" --add-root "$base/$name" --indirect >/dev/null
fi
`;

/** `FOLDER NAME...`: ends the protection of all others. */
export const retainRootsScript = `${prelude}
[ -d "$base" ] || exit 0
for link in "$base"/*; do
  [ -L "$link" ] || continue
  case " $* " in *" \${link##*/} "*) ;; *) rm -f "$link" ;; esac
done
rmdir "$base" 2>/dev/null || true
`;
