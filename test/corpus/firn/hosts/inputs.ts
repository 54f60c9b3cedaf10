import { host, nix } from "floe";

export default host(({ inputs, lib }) => ({
  environment: {
    etc: {
      vimrc: { source: `${inputs.dotfiles}/vimrc` },
      theme: { text: lib.readFile(nix`${inputs.theme} + "/colours"`) },
      secret: { text: nix`builtins.readFile (${inputs.secrets} + "/key.pub")` },
      pinned: { text: lib.substring(0, 7, inputs.dotfiles.rev) },
    },
  },
  nix: { registry: { nixpkgs: { flake: { lastModified: inputs.nixpkgs.lastModified } } } },
}));
