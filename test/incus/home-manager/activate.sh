# Checks, then the profile, then the files: what is in the way stops it before anything is changed.
set -eu
echo "Starting Home Manager activation"
[ "$USER" = "$username" ] || { echo "Error: USER is set to \"$USER\" but we expect \"$username\""; exit 1; }
[ "$HOME" = "$homeDirectory" ] || { echo "Error: HOME is set to \"$HOME\" but we expect \"$homeDirectory\""; exit 1; }

nix-env -q >/dev/null 2>&1 || true
profiles=${XDG_STATE_HOME:-$HOME/.local/state}/nix/profiles
[ -d "$profiles" ] || profiles=${NIX_STATE_DIR:-/nix/var/nix}/profiles/per-user/$USER
[ -d "$profiles" ] || { profiles=$HOME/.local/state/nix/profiles; mkdir -p "$profiles"; }
profile=$profiles/home-manager
oldGenPath=$(readlink -f "$profile") || oldGenPath=

collision=
for name in $(cd "$newGenPath/home-files" && find . -type f -o -type l | sed 's,^\./,,'); do
  target=$HOME/$name
  [ -e "$target" ] || continue
  case $(readlink "$target") in /nix/store/*-home-manager-*) continue ;; esac
  if [ -n "${HOME_MANAGER_BACKUP_EXT:-}" ]; then
    [ ! -e "$target.$HOME_MANAGER_BACKUP_EXT" ] || {
      echo "Existing file '$target.$HOME_MANAGER_BACKUP_EXT' would be clobbered by backing up '$target'"
      collision=1
    }
  else
    echo "Existing file '$target' is in the way of '$newGenPath/home-files/$name'"
    collision=1
  fi
done
[ -z "$collision" ] || { echo "Please move the above files and try again or use -b <ext> to move automatically."; exit 1; }
if [ -n "${DRY_RUN:-}" ]; then echo "This is a dry run"; exit 0; fi

if [ -n "$oldGenPath" ] && [ "$oldGenPath" != "$newGenPath" ]; then
  for name in $(cd "$oldGenPath/home-files/" && find . -type f -o -type l | sed 's,^\./,,'); do
    [ -e "$newGenPath/home-files/$name" ] || rm -f "$HOME/$name"
  done
fi
[ "$oldGenPath" = "$newGenPath" ] || nix-env --profile "$profile" --set "$newGenPath"
for name in $(cd "$newGenPath/home-files" && find . -type f -o -type l | sed 's,^\./,,'); do
  mkdir -p "$(dirname "$HOME/$name")"
  if [ -e "$HOME/$name" ] && [ ! -L "$HOME/$name" ]; then mv "$HOME/$name" "$HOME/$name.$HOME_MANAGER_BACKUP_EXT"; fi
  ln -sfn "$newGenPath/home-files/$name" "$HOME/$name"
done
