#!/bin/sh
# floe's front. `floe fmt` in a project in which nothing changed since all of it was found formatted is answered here: git says that sooner than
# Node begins. What is known is in .floe/cache/fmt-clean, which src/format/clean-mark.ts writes. All else is for bin.mjs.

is_clean() {
  [ -r "$mark" ] && [ -z "$GIT_DIR$GIT_WORK_TREE$GIT_INDEX_FILE" ] || return 1
  {
    IFS= read -r line && [ "$line" = "floe @FLOE_BUILD@" ] || return 1
    IFS= read -r line && [ "$line" = "$PATH" ] || return 1
    IFS= read -r files || return 1
    set --
    while IFS= read -r line && [ "$line" != -- ]; do set -- "$@" "$line"; done
    before=
    while IFS= read -r line; do before="$before$line
"; done
  } <"$mark"
  # Whatever find has to say, a file that is gone among it, means that something is different.
  [ -z "$(find -L "$@" -maxdepth 0 -cnewer "$mark" 2>&1)" ] || return 1
  now=$(git -C "$root" --no-optional-locks status --porcelain=v2 --branch --no-ahead-behind --untracked-files=all 2>&1) || return 1
  [ "$now
" = "$before" ]
}

case "$#:$1:$2" in
1:fmt: | 2:fmt:--check)
  root=$PWD
  while [ -n "$root" ] && ! [ -e "$root/floe.config.ts" ]; do root=${root%/*}; done
  mark=$root/.floe/cache/fmt-clean
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
