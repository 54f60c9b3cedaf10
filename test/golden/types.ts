// What the compiler refuses about references, because JavaScript would take it for something else. Checked by tsc, never run.
import { host, nix, sh } from "floe";

export default host(({ config, lib, pkgs }) => {
  // @ts-expect-error a reference is always true
  if (config.services.openssh.enable) return {};
  // @ts-expect-error the same
  const chosen = config.services.nginx.enable ? 1 : 2;
  // @ts-expect-error the same
  const both = config.services.httpd.enable && 2;
  // @ts-expect-error never equal
  const same = config.networking.hostName === "crown";
  // @ts-expect-error no number
  const twice = config.nix.settings.cores * 2;
  // @ts-expect-error no number
  const more = config.nix.settings.cores > 2;
  // @ts-expect-error no number, and no text either
  const next = config.nix.settings.cores + 1;
  // @ts-expect-error not iterable
  const all = [...config.environment.systemPackages];
  // @ts-expect-error a key is text
  const keyed = { [config.networking.hostName]: 1 };
  // @ts-expect-error nothing of TypeScript is a reference
  const within = ["a"].includes(config.networking.hostName);
  // @ts-expect-error no key
  const found = { a: 1 }[config.networking.hostName];
  // @ts-expect-error an attribute as any other, and no text of JavaScript's
  const long: string = pkgs.hello.name;
  // @ts-expect-error Nix has no undefined
  const nothing = lib.mkForce(undefined);
  const fine = {
    text: `${config.networking.hostName}!` + `${pkgs.hello}`,
    script: sh`exec ${pkgs.hello}/bin/hello`,
    packages: pkgs.python3.withPackages((ps) => [ps.requests]),
    condition: nix.if(nix.eq(config.networking.hostName, "crown"), 1, 2),
    [`${config.networking.hostName}`]: config.$("a.b").c,
    attributes: [pkgs.hello.name, lib.length([1]), lib.toString(5), nix.toString(5)],
    nested: nix.let({ outer: config }, ({ outer }) => ({ config: inner }) => ({ a: inner.b, c: outer.d })),
    shared: nix.let({ port: 80 }, ({ port }) => [port]),
  };
  return { chosen, both, same, twice, more, next, all, keyed, within, found, long, nothing, fine };
});
