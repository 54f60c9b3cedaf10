/** The systems of instances that share their server's store: built here, brought to the server's machine, and kept there. */
import { NixError } from "../errors.ts";
import type { Evaluation } from "../model/evaluation.ts";
import { type BuildOptions, type BuildRequest, buildDerivations } from "./build.ts";
import type { NixTool } from "./find.ts";
import { deliverPath, retainPaths, type ServerStore } from "./server-store.ts";

export interface SystemsOptions extends Pick<BuildOptions, "emit" | "signal" | "rootsDir"> {
  readonly nix: NixTool;
  /** Where the systems of each container are found. */
  readonly images: Evaluation["images"];
  /** The store of a server's machine: a URL, `local` for this machine's; undefined when it is not known. */
  readonly storeOf: (server: string) => string | undefined;
}

/** One instance of a fleet. */
export interface SystemOwner {
  readonly server: string;
  readonly fleet: string;
  readonly project: string;
  readonly instance: string;
}

export function openSystems(options: SystemsOptions) {
  const { nix, images, storeOf, ...work } = options;
  const built = new Map<string, NixError | "good">();
  const storeFor = (server: string): ServerStore => {
    const url = storeOf(server);
    if (url === undefined)
      throw new NixError(`It is not known where the Nix store of the server "${server}" is`, {
        hint: `Say it in the fleet: incus: { ${server}: { url, store: "ssh-ng://root@${server}" } }`,
      });
    return { nix, url: url === "local" ? undefined : url };
  };
  return {
    async build(containers: readonly string[]): Promise<void> {
      const derivations = containers.flatMap((container) => requestOf(images, container));
      const outcomes = await buildDerivations({ nix, derivations, keepGoing: true, ...work });
      for (const outcome of outcomes) built.set(outcome.outPath, outcome.ok ? "good" : outcome.error);
    },
    async deliver(owner: SystemOwner, system: string): Promise<void> {
      const state = built.get(system);
      if (state instanceof NixError) throw state;
      await deliverPath(
        storeFor(owner.server),
        { folder: folderOf(owner), path: system, isHere: state === "good" },
        work,
      );
    },
    async retain(owner: SystemOwner, paths: readonly string[]): Promise<void> {
      await retainPaths(storeFor(owner.server), { folder: folderOf(owner), paths }, work);
    },
  };
}

// --- internal ---

function requestOf(images: Evaluation["images"], container: string): BuildRequest[] {
  const image = images[container];
  if (image?.ok !== true || image.value.inPlace === undefined) return [];
  return [{ name: `${container}-system`, ...image.value.inPlace.toplevel }];
}

/** Of the GC roots: whose they are is told by their path. */
function folderOf({ fleet, server, project, instance }: SystemOwner): string {
  return [fleet, server, project, instance].map(encodeURIComponent).join("/");
}
