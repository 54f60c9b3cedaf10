/** What is run to enter a dev shell, and what `floe shell-init` prints. */
import { quoteWord } from "../util/quote-word.ts";

/**
 * `FOLDER [COMMAND...]`, for the bash of an environment: becomes the command with the environment of the folder, or the user's own shell. The shell's own
 * start-up files are read first; then the PATH of the environment comes before all else again.
 */
export const enterShell = `
floe_folder=$1; shift
if [ $# -gt 0 ]; then . "$floe_folder/env.bash"; exec "$@"; fi
floe_user_shell=\${SHELL:-/bin/sh}
case \${floe_user_shell##*/} in
bash) FLOE_SHELL_FOLDER=$floe_folder exec "$floe_user_shell" --rcfile "$floe_folder/bashrc" -i ;;
esac
. "$floe_folder/env.bash"
export FLOE_SHELL_PATH=$PATH
case \${floe_user_shell##*/} in
fish) exec "$floe_user_shell" --init-command "source $floe_folder/init.fish" ;;
zsh) FLOE_ZDOTDIR=\${ZDOTDIR-$HOME} ZDOTDIR=$floe_folder/zsh exec "$floe_user_shell" -i ;;
*) exec "$floe_user_shell" -i ;;
esac
`;

/** Files that the user's shell reads when it is entered, by their name in the shell's folder. */
export const startFiles: Readonly<Record<string, string>> = {
  bashrc: `[ ! -e ~/.bashrc ] || . ~/.bashrc
. "$FLOE_SHELL_FOLDER/env.bash"
unset FLOE_SHELL_FOLDER
PS1="($FLOE_SHELL) \${PS1-\\\\$ }"
`,
  "init.fish": `set -gx PATH (string split : -- $FLOE_SHELL_PATH)
functions --query __floe_prompt; or functions --copy fish_prompt __floe_prompt
function fish_prompt
    printf '(%s) ' $FLOE_SHELL
    __floe_prompt
end
`,
  "zsh/.zshenv": `[ ! -e "$FLOE_ZDOTDIR/.zshenv" ] || . "$FLOE_ZDOTDIR/.zshenv"
`,
  "zsh/.zshrc": `ZDOTDIR=$FLOE_ZDOTDIR
[ ! -e "$ZDOTDIR/.zshrc" ] || . "$ZDOTDIR/.zshrc"
[ "$ZDOTDIR" != "$HOME" ] || unset ZDOTDIR
export PATH=$FLOE_SHELL_PATH
unset FLOE_ZDOTDIR
PROMPT="($FLOE_SHELL) $PROMPT"
`,
};

/**
 * \`.floe/shells/enter [NAME] [-- COMMAND...]\`: enters a shell that is up to date without starting Node or nix; all else is for floe. Whether it is up to date
 * is asked as \`cached.ts\` asks it. \`evaluated\`: the folder that is looked at.
 */
export function enterScript(root: string, evaluated: string): string {
  return `#!/bin/sh
# Made by floe: enters a dev shell. Unchanged ones without Node and nix.
root=${quoteWord(root)}
name=default
case \${1-} in
-?*) [ "$1" = -- ] || exec floe -C "$root" shell "$@" ;;
?*) name=$1 ;;
esac
folder=$root/.floe/shells/$name
if [ -e "$folder/env.bash" ] && [ -e "$folder/profile" ] && [ -e "$folder/stamp" ] &&
  [ -z "$(find ${quoteWord(evaluated)} \\( -name .git -o -name node_modules -o -name .floe \\) -prune -o -newercm "$folder/stamp" -print -quit 2>&1)" ]; then
  [ $# -eq 0 ] || [ "$1" = -- ] || shift
  case \${1-} in
  --) shift; [ $# -gt 0 ] || set -- "\${SHELL:-/bin/sh}" ;;
  ?*) exec floe -C "$root" shell "$name" "$@" ;;
  esac
  read -r bash <"$folder/bash"
  exec "$bash" -c ${quoteWord(enterShell)} floe "$folder" "$@"
fi
exec floe -C "$root" shell "$@"
`;
}

export type InitShell = "bash" | "zsh" | "fish";

/** Functions \`nrs\` and \`nd\` of a fleet, for the file that a shell reads at its start. */
export function initScript(shell: InitShell, root: string, completionVerb: string): string {
  return shell === "fish" ? fishInit(root, completionVerb) : posixInit(shell, root, completionVerb);
}

// --- internal ---

function posixInit(shell: "bash" | "zsh", root: string, completionVerb: string): string {
  const words = shell === "bash" ? '"${COMP_WORDS[@]:1:COMP_CWORD}"' : '"${(@Q)words[2,CURRENT]}"';
  const ask = (verb: string): string =>
    `floe ${completionVerb} -C "$_floe_root" ${verb} ${words} 2>/dev/null | cut -f1`;
  const completion =
    shell === "bash"
      ? `_floe_nd() { COMPREPLY=($(${ask("shell")})); }
_floe_nrs() { COMPREPLY=($(${ask("switch")})); }
complete -o default -F _floe_nd nd
complete -F _floe_nrs nrs`
      : `_floe_nd() { compadd -- \${(f)"$(${ask("shell")})"}; }
_floe_nrs() { compadd -- \${(f)"$(${ask("switch")})"}; }
if (( \${+functions[compdef]} )); then
  compdef _floe_nd nd
  compdef _floe_nrs nrs
fi`;
  return `# nrs switches this machine, nd enters a dev shell, from anywhere. In your ~/.${shell}rc: eval "$(floe -C ${quoteWord(root)} shell-init ${shell})"
_floe_root=${quoteWord(root)}
nrs() { floe -C "$_floe_root" switch "$@"; }
nd() {
  if [ -e "$_floe_root/.floe/shells/enter" ]; then sh "$_floe_root/.floe/shells/enter" "$@"
  else floe -C "$_floe_root" shell "$@"; fi
}
${completion}
`;
}

function fishInit(root: string, completionVerb: string): string {
  const ask = (verb: string): string =>
    `(set -l words (commandline --tokenize --cut-at-cursor); floe ${completionVerb} -C $__floe_root ${verb} $words[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null)`;
  return `# nrs switches this machine, nd enters a dev shell, from anywhere. In your config.fish: floe -C ${quoteWord(root)} shell-init fish | source
set -g __floe_root ${fishQuote(root)}
function nrs --description 'Switch this machine to its configuration'
    floe -C $__floe_root switch $argv
end
function nd --description 'Enter a dev shell'
    if test -e $__floe_root/.floe/shells/enter
        sh $__floe_root/.floe/shells/enter $argv
    else
        floe -C $__floe_root shell $argv
    end
end
complete --command nd --no-files --arguments '${ask("shell")}'
complete --command nrs --no-files --arguments '${ask("switch")}'
`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
