# How a terminal looks, for everybody.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.my.terminal;
in
{
  options.my.terminal = {
    size = lib.mkOption {
      type = lib.types.ints.between 6 40;
      default = 11;
    };
    editor = lib.mkOption {
      type = lib.types.str;
      default = "vim";
    };
  };

  config = {
    programs.bash = {
      enable = true;
      shellAliases.ll = "ls -l";
      shellAliases.".." = "cd ..";
      historyControl = [
        "erasedups"
        "ignorespace"
      ];
      initExtra = ''
        export PS1='\\u@\\h ''${PWD##*/} \\$ '
        eval "$(${pkgs.direnv}/bin/direnv hook bash)"
      '';
    };

    programs.alacritty.enable = true;
    programs.alacritty.settings = {
      font.size = cfg.size;
      window.padding.x = 2;
      window.padding.y = 2;
    };

    programs.tmux = {
      enable = true;
      keyMode = "vi";
      extraConfig = ''
        set -g mouse on
      '';
    };

    # The manual would be built while evaluating.
    manual.manpages.enable = false;

    home.sessionVariables = {
      EDITOR = cfg.editor;
      PAGER = "less -R";
    };
  };
}
