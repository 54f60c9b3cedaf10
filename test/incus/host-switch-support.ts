/** A fleet of hosts on real machines, for what floe does with many of them. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { type FloeResult, type FloeRun, floe, startFloe } from "../support/floe.ts";
import type { TestIncus } from "../support/incus.ts";
import { type SshLab, sshLab } from "../support/ssh-machine.ts";
import { tempProject } from "../support/temp-project.ts";

export const NAMES = ["atlas", "borea", "crown"] as const;
export type Name = (typeof NAMES)[number];

/** What a host's file says, as TypeScript. */
export interface HostText {
  /** Keys of the first argument, beside its target. */
  readonly spec?: string;
  /** Attributes of the configuration. */
  readonly body?: string;
  readonly target?: string;
}

export interface Documents extends FloeResult {
  /** What `--json` printed. */
  readonly documents: readonly Readonly<Record<string, never>>[];
}

export interface HostWorld {
  readonly lab: SshLab<Name>;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  fleet(keys: string): Promise<void>;
  host(name: string, text?: HostText): Promise<void>;
  floe(...args: readonly string[]): Promise<FloeResult>;
  json(...args: readonly string[]): Promise<Documents>;
  start(...args: readonly string[]): FloeRun;
  /** Store paths of what runs, boots and is in the profile, each once: one where all is well. */
  systems(name: Name): Promise<string[]>;
  remove(): Promise<void>;
}

/** Three machines that run a first system which floe did not make. */
export async function hostWorld(incus: TestIncus): Promise<HostWorld> {
  await addFirnBase();
  const lab = await sshLab(incus, { atlas: { elevation: "sudo" }, borea: {}, crown: {} });
  const project = await tempProject();
  await cp(path.resolve(import.meta.dirname, "../../firn"), path.join(project.root, "firn"), { recursive: true });
  const env = { ...lab.env, USER: "tester" };
  const world: HostWorld = {
    lab,
    root: project.root,
    env,
    fleet: async (keys) => void (await project.write("floe.config.ts", fleetFile(keys))),
    host: async (name, text = {}) => void (await project.write(`hosts/${name}.ts`, hostFile(name, text))),
    floe: (...args) => floe(project.root, args, env),
    async json(...args) {
      const result = await floe(project.root, [...args, "--json"], env);
      const lines = result.stdout.split("\n").filter((line) => line !== "");
      return { ...result, documents: lines.map((line) => JSON.parse(line) as Readonly<Record<string, never>>) };
    },
    start: (...args) => startFloe(project.root, args, env),
    async systems(name) {
      const { current, profile, boot } = await lab.machines[name].systemOf();
      return [...new Set([current, profile, boot].map((one) => one ?? "none"))];
    },
    async remove() {
      await lab.remove();
      await project.remove();
    },
  };
  await world.fleet("");
  await Promise.all(
    NAMES.map(async (name) => {
      await world.host(name);
      await lab.machines[name].installSystem(await firnSystem({ hostName: name }));
    }),
  );
  return world;
}

const fleetFile = (keys: string): string => `import { dir, fleet } from "floe";
export default fleet({ name: "lab", inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts"), ${keys} });
`;

const hostFile = (
  name: string,
  { spec = "", body = "", target = name }: HostText,
): string => `import { host } from "floe";
export default host({ target: ${JSON.stringify(target)}, confirm: "10s", ${spec} }, ({ pkgs }) => ({
  networking: { hostName: "${name}" },
  system: { stateVersion: "26.05" },
  services: { beat: { script: "exec sleep 1000000" } },
  ${body}
}));
`;

/** A file in /etc: a change that does no harm. */
export const page = (text: string): string => `environment: { etc: { "lab-page": { text: "${text}" } } },`;
/** A check that never passes. */
export const neverHealthy = `health: [{ exec: ["false"], within: "700ms" }],`;
