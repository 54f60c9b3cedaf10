{ pkgs, inputs, ... }:
{
  nixpkgs.config.allowUnfree = true;
  nixpkgs.overlays = [
    (import ../overlays.nix)
    (final: prev: { banner = final.writeText "banner" "${prev.banner.name}, again"; })
    inputs.self.overlays.default
  ];
  environment = {
    systemPackages = [ pkgs.hello ];
    etc.banner.source = pkgs.banner;
  };
}
