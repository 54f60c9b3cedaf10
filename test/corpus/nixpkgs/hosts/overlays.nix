{ pkgs, ... }:

{
  imports = [ ../modules/server.nix ];

  networking.hostName = "overlays";

  nixpkgs.config.allowUnfreePredicate = _: true;
  nixpkgs.config.permittedInsecurePackages = [ "openssl-1.0.2u" ];
  nixpkgs.overlays = [
    (self: super: {
      hello = super.hello.overrideAttrs (old: {
        pname = "${old.pname}-loud";
      });
      greet = self.writeShellScriptBin "greet" ''exec ${self.hello}/bin/hello "$@"'';
      htop = super.htop.override { ncurses = super.ncurses5; };
      python3 = super.python3.override {
        packageOverrides = self: super: {
          requests = super.requests.overridePythonAttrs (_: {
            doCheck = false;
          });
        };
      };
    })
    (self: super: { mypython = super.python3.withPackages (ps: [ ps.requests ]); })
  ];

  environment.systemPackages = with pkgs; [
    greet
    mypython
  ];
  environment.etc.about.text = with pkgs; "${hello.name} is ${hello.pname}";
}
