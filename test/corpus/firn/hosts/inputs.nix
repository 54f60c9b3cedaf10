{ inputs, ... }:
{
  environment.etc = {
    vimrc.source = inputs.dotfiles + "/vimrc";
    theme.text = builtins.readFile "${inputs.theme}/colours";
    secret.text = builtins.readFile "${inputs.secrets}/key.pub";
    pinned.text = inputs.dotfiles.shortRev;
  };
  nix.registry.nixpkgs.flake = { inherit (inputs.nixpkgs) lastModified; };
}
