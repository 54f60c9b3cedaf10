/** What `floe completions` prints: each shell asks floe for the words that fit, so that names of the fleet are completed too. */
import { completionVerb, type ShellName } from "./completing.ts";

/** Where a word cannot be floe's, each of them completes files. */
export const completionScripts: Readonly<Record<ShellName, string>> = {
  bash: `# Completion of floe for bash. In ~/.bashrc: eval "$(floe completions bash)"
_floe() {
  local line word
  COMPREPLY=()
  # Bash takes a word apart at a colon; the words are taken as they were typed.
  local before=\${COMP_LINE:0:COMP_POINT} words=()
  read -ra words <<<"$before"
  case $before in *[[:space:]]) words+=("") ;; esac
  word=\${words[\${#words[@]}-1]}
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(floe ${completionVerb} "\${words[@]:1}" 2>/dev/null)
  case $word in
    *:*) local prefix=\${word%"\${word##*:}"} i
      for i in "\${!COMPREPLY[@]}"; do COMPREPLY[i]=\${COMPREPLY[i]#"$prefix"}; done ;;
  esac
}
complete -o default -F _floe floe
`,
  zsh: `#compdef floe
# Completion of floe for zsh. In ~/.zshrc, behind compinit: eval "$(floe completions zsh)"
_floe() {
  local line word
  local -a found
  while IFS= read -r line; do
    word=\${line%%$'\\t'*}
    found+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done < <(floe ${completionVerb} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe 'floe' found; else _files; fi
}
compdef _floe floe
`,
  fish: `# Completion of floe for fish. In ~/.config/fish/config.fish: floe completions fish | source
function __floe_complete
    set -l words (commandline --tokenize --cut-at-cursor)
    floe ${completionVerb} $words[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command floe --no-files --condition 'test -n "$(__floe_complete)"' --arguments '(__floe_complete)'
`,
};
