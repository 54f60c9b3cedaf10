#!/bin/sh
# floe's front. `floe fmt` in a project in which nothing changed since all of it was found formatted is answered here: git says that sooner than
# Node begins. What is known is in .floe/cache/fmt-clean, which src/format/clean-mark.ts writes. All else is for bin.mjs, which gets what git said.

is_clean() {
  [ -r "$cache/fmt-clean" ] && [ -z "$GIT_DIR$GIT_WORK_TREE$GIT_INDEX_FILE" ] || return 1
  {
    IFS= read -r line && [ "$line" = "floe @FLOE_BUILD@" ] || return 1
    IFS= read -r line && [ "$line" = "$PATH" ] || return 1
    IFS= read -r files || return 1
    IFS= read -r known || return 1
    set --
    while IFS= read -r line; do set -- "$@" "$line"; done
  } <"$cache/fmt-clean"
  # Names may hold any character but NUL, which a variable cannot hold: what git says goes through files. src/format/listing.ts takes it.
  listing=fmt-listing.$$
  git -C "$root" --no-optional-locks ls-files -z -v --stage --cached --modified --deleted --others --exclude-standard 2>/dev/null >"$cache/$listing" &
  # Whatever find has to say, a file that is gone among it, means that something is different.
  newer=$(find -L "$@" -maxdepth 0 -cnewer "$cache/fmt-clean" 2>&1)
  if ! wait $!; then
    rm -f "$cache/$listing"
    return 1
  fi
  if [ -z "$newer" ] && cmp -s "$cache/$listing" "$cache/$known"; then
    rm -f "$cache/$listing"
    return 0
  fi
  export FLOE_LISTING="$listing"
  return 1
}

case "$#:$1:$2" in
1:fmt: | 2:fmt:--check)
  root=$PWD
  while [ -n "$root" ] && ! [ -e "$root/floe.config.ts" ]; do root=${root%/*}; done
  cache=$root/.floe/cache
  if is_clean; then
    [ $# = 2 ] && said="$files, all well" || said="$files, all formatted already"
    if [ -t 1 ] && [ -z "$NO_COLOR" ] && [ "$TERM" != dumb ]; then printf '\033[1m%s\033[22m\n' "$said"; else printf '%s\n' "$said"; fi
    exit 0
  fi
  ;;
esac

self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
exec node "${self%/*}/bin.mjs" "$@"
