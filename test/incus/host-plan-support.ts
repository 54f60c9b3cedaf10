/** Two systems with the shape of NixOS' toplevel where a plan looks at it, built from next to nothing. */
import path from "node:path";
import { nix } from "../support/nix.ts";

const firn = path.resolve(import.meta.dirname, "../../firn");

interface Shape {
  readonly kernel: string;
  readonly systemd: string;
  readonly parameters: string;
  readonly server: string;
  /** Further lines of units by their name; all of them belong to multi-user.target. */
  readonly units: Readonly<Record<string, string>>;
}

/** What runs, and what is to run. */
export async function nixosLike(): Promise<readonly [string, string]> {
  return [
    await build({
      kernel: "6.1.5",
      systemd: "254",
      parameters: "loglevel=4",
      server: "1.24.0",
      units: {
        changed: "",
        left: "X-RestartIfChanged=false",
        reloaded: "X-ReloadIfChanged=true",
        gone: "",
        same: "# as it is",
      },
    }),
    await build({
      kernel: "6.1.9",
      systemd: "255.1",
      parameters: "loglevel=4 mitigations=off",
      server: "1.26.1",
      units: {
        changed: "Environment=A=1",
        left: "X-RestartIfChanged=false\nEnvironment=A=1",
        reloaded: "X-ReloadIfChanged=true\nEnvironment=A=1",
        fresh: "",
        same: "# as it is",
      },
    }),
  ];
}

async function build({ kernel, systemd, parameters, server, units }: Shape): Promise<string> {
  const lines = Object.entries(units).map(([name, more]) => {
    // A unit that does not change must not name a package that does.
    const program = name === "same" ? "" : " ${server}/bin/x";
    const text = `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true${program}\n${more}\n`;
    return `${name} = ''${text}'';`;
  });
  const expression = `
    let
      firn = (import ${firn}/flake.nix).outputs { self = { outPath = ${firn}; }; };
      pkgs = firn.legacyPackages.${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux;
      package = name: pkgs.runCommand name { } "mkdir -p $out/bin; touch $out/bin/x $out/image";
      server = package "server-${server}";
      units = { ${lines.join("\n")} };
      unit = name: let file = "floe-" + name + ".service"; in
        pkgs.runCommand "unit-\${file}" { text = units.\${name}; } ''mkdir $out; printf %s "$text" >$out/\${file}'';
      link = name: let file = "floe-" + name + ".service"; in
        "ln -s \${unit name}/\${file} .; ln -s ../\${file} multi-user.target.wants/\n";
    in pkgs.runCommand "nixos-system-crown-26.05" { } ''
      mkdir -p $out/etc/systemd/system/multi-user.target.wants $out/bin $out/sw
      ln -s \${package "linux-${kernel}"}/image $out/kernel
      ln -s \${package "initrd-linux-${kernel}"}/image $out/initrd
      ln -s \${package "linux-${kernel}-modules"} $out/kernel-modules
      ln -s \${package "systemd-${systemd}"} $out/systemd
      echo '${parameters}' >$out/kernel-params
      cd $out/etc/systemd/system
      \${builtins.concatStringsSep "" (map link (builtins.attrNames units))}
    ''`;
  const built = await nix(["build", "--no-link", "--json", "--impure", "--expr", expression]);
  const [result] = JSON.parse(built) as readonly { readonly outputs: { readonly out: string } }[];
  if (result === undefined) throw new Error("nix built nothing");
  return result.outputs.out;
}
