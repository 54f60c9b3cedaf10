import { host, nix } from "floe";

export default host(({ config, lib, pkgs }) => ({
  environment: {
    etc: {
      operators: {
        text: nix.toJSON({
          joined: nix.concat([1], nix.concat([2], [3])),
          updated: nix.update({ a: 1, b: { c: 2 } }, { b: { d: 3 } }),
          chosen: nix.if(nix.and(true, nix.not(config.boot.isContainer)), "yes", "no"),
          equal: [nix.eq(config.networking.hostName, "nixos"), nix.eq([1], [1]), nix.or(false, nix.eq(1, 2))],
          has: [nix.has(config, "boot", "isContainer"), nix.has(pkgs, "htopp")],
          got: [nix.get(pkgs, "htopp", "none"), nix.get({ a: { b: 1 } }, ["a", "b"], 2)],
          mapped: nix.map([1, 2], (x) => nix`${x} * 2 - 1`),
          shared: nix.let({ port: 8080, name: config.networking.hostName }, ({ port, name }) => ({
            listen: [port, port],
            text: `${name}:${nix.toString(port)}`,
          })),
          float: nix`${nix.float(1)} / 2`,
        }),
      },
    },
  },
  boot: { kernelParams: nix.concat(["a"], lib.optionals(true, ["b"])) },
}));
