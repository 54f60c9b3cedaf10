/** Systems of firn for machines in tests, without a project around them. */
import path from "node:path";
import { nix } from "./nix.ts";
import { run } from "./run.ts";

const firn = path.resolve(import.meta.dirname, "../../firn");

export interface FirnSystem {
  readonly hostName: string;
  /** More of the configuration: the inside of a module's set, in Nix, where `pkgs`, `lib` and `config` are known. */
  readonly config?: string;
}

/** The store path of a built toplevel. The base has to be in the store. */
export async function firnSystem({ hostName, config = "" }: FirnSystem): Promise<string> {
  const expression = `(
    let firn = (import ${firn}/flake.nix).outputs { self = { outPath = ${firn}; }; };
    in firn.lib.nixosSystem {
      system = "${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux";
      modules = [ ({ pkgs, lib, config, ... }: { networking.hostName = "${hostName}"; system.stateVersion = "26.05"; ${config} }) ];
    }).config.system.build.toplevel`;
  const built = await nix(["build", "--no-link", "--json", "--impure", "--expr", expression]);
  const [result] = JSON.parse(built) as readonly { readonly outputs: { readonly out: string } }[];
  if (result === undefined) throw new Error(`nix built nothing for ${hostName}`);
  return result.outputs.out;
}

/** Puts firn's base into the store, as set-up does. */
export async function addFirnBase(): Promise<void> {
  await run("sh", [path.join(firn, "add-base.sh")]);
}
