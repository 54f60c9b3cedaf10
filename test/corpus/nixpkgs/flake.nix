{
  description = "Machines as people have them, twice";

  inputs.nixpkgs.url = "@NIXPKGS@";

  outputs =
    { nixpkgs, ... }@inputs:
    let
      # One nixpkgs for the machines that leave it alone; what it is made of is all the same.
      sharing = system: {
        nixpkgs.pkgs = nixpkgs.lib.mkDefault nixpkgs.legacyPackages.${system};
      };
      nixos =
        system: modules:
        nixpkgs.lib.nixosSystem {
          inherit system modules;
          specialArgs = {
            inherit inputs;
            domain = "example.org";
          };
        };
      shared =
        file:
        nixos "x86_64-linux" [
          (sharing "x86_64-linux")
          file
        ];
      alone = file: nixos "x86_64-linux" [ file ];
    in
    {
      nixosConfigurations = {
        boot = shared ./hosts/boot.nix;
        database = shared ./hosts/database.nix;
        desktop = nixos "x86_64-linux" [
          ./hosts/desktop.nix
          { nixpkgs.config.allowUnfree = true; }
        ];
        laptop = shared ./hosts/laptop.nix;
        mail = shared ./hosts/mail.nix;
        monitor = shared ./hosts/monitor.nix;
        overlays = alone ./hosts/overlays.nix;
        people = shared ./hosts/people.nix;
        pi = nixos "aarch64-linux" [
          (sharing "aarch64-linux")
          ./hosts/pi.nix
        ];
        router = shared ./hosts/router.nix;
        storage = shared ./hosts/storage.nix;
        timers = shared ./hosts/timers.nix;
        web = shared ./hosts/web.nix;
        game = nixos "x86_64-linux" [
          (sharing "x86_64-linux")
          { networking.hostName = nixpkgs.lib.mkOverride 1400 ""; }
          ./containers/game.nix
        ];
      };
    };
}
