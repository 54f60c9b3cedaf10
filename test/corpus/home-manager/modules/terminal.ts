import { module, opt, sh } from "floe";

/** How a terminal looks, for everybody. */
export const terminal = module("my.terminal", {
  options: { size: opt.int.between(6, 40, { default: 11 }), editor: opt.str({ default: "vim" }) },
  config: ({ cfg, pkgs }) => ({
    programs: {
      bash: {
        enable: true,
        shellAliases: { ll: "ls -l", "..": "cd .." },
        historyControl: ["erasedups", "ignorespace"],
        initExtra: sh`
          export PS1='\\u@\\h \${PWD##*/} \\$ '
          eval "$(${pkgs.direnv}/bin/direnv hook bash)"
        `,
      },
      alacritty: { enable: true, settings: { font: { size: cfg.size }, window: { padding: { x: 2, y: 2 } } } },
      tmux: { enable: true, keyMode: "vi", extraConfig: "set -g mouse on\n" },
    },
    // The manual would be built while evaluating.
    manual: { manpages: { enable: false } },
    home: { sessionVariables: { EDITOR: cfg.editor, PAGER: "less -R" } },
  }),
});
