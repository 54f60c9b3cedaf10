/**
 * A small fleet on the real Incus. Its images are tiny ones, made from a page; the words `PAGE` stand for the store path,
 * so that another page is another derivation. Nothing here runs Nix.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApplyOptions, applyPlan } from "../../src/apply/apply.ts";
import type { BuildImages, HashImage } from "../../src/apply/images.ts";
import { rollbackInstance } from "../../src/apply/rollback.ts";
import type { IncusClient } from "../../src/incus/types.ts";
import type { Evaluation } from "../../src/model/evaluation.ts";
import type { Container, Fleet, ForeignImage, HealthCheck, Instance, Rollout } from "../../src/model/fleet.ts";
import type { Plan } from "../../src/model/plan.ts";
import { listWholeInstances } from "../../src/plan/list-instances.ts";
import { observe } from "../../src/plan/observe.ts";
import { makePlan, type PlanInput } from "../../src/plan/plan.ts";
import type { Emit, FloeEvent } from "../../src/report/events.ts";
import type { ApplyReport } from "../../src/report/reduce.ts";
import { openJournal } from "../../src/state/journal.ts";
import { acquireLock } from "../../src/state/lock.ts";
import { readListeners } from "../../src/util/listeners.ts";
import { fingerprintOf, type TinyImageOptions, tinyImage } from "../support/tiny-image.ts";

export interface ContainerSpec {
  /** What the image serves; `silent` and `exits` are images that do not work. */
  readonly page: string;
  readonly broken?: TinyImageOptions["broken"];
  /** Makes its root file system larger by this much, though not its image. */
  readonly ballastBytes?: number;
  /** Another derivation of the same bytes. */
  readonly revision?: string;
  readonly instances: Readonly<Record<string, Partial<Instance>>>;
  readonly rollout?: Rollout;
  /** Instead of one that is built. */
  readonly image?: ForeignImage;
}

export interface FleetOptions {
  readonly name?: string;
  readonly profiles?: Fleet["profiles"];
  readonly project: string;
}

const source = { file: "containers/x.ts", line: 1, column: 1 };

export function fleetOf(
  containers: Readonly<Record<string, ContainerSpec>>,
  { project, name = project, profiles }: FleetOptions,
): Fleet {
  return {
    name,
    description: "",
    root: "/nowhere",
    configFile: "floe.config.ts",
    inputs: {},
    servers: { local: { name: "local", kind: "unix" } },
    ...(profiles === undefined ? {} : { profiles }),
    hosts: {},
    shells: {},
    modules: {},
    containers: Object.fromEntries(
      Object.entries(containers).map(([container, spec]) => [container, containerOf(container, spec, project)]),
    ),
  };
}

export function instanceOf(name: string, container: string, project: string, spec: Partial<Instance> = {}): Instance {
  return {
    name,
    container,
    server: "local",
    project,
    description: "",
    tags: [],
    autostart: true,
    profiles: ["default"],
    mounts: {},
    volumes: {},
    ports: [],
    config: {},
    devices: {},
    health: [],
    update: "swap",
    keep: 2,
    ...spec,
  };
}

/** Passes while the image serves its page; fails within a second for one that does not. */
export const servesPage: HealthCheck = {
  kind: "exec",
  command: ["wget", "-q", "-O", "-", "http://127.0.0.1/"],
  withinMs: 5000,
  intervalMs: 50,
};
export const passes = (command: string): HealthCheck => ({
  kind: "exec",
  command: ["sh", "-c", command],
  withinMs: 2000,
  intervalMs: 50,
});

export function evaluationOf(containers: Readonly<Record<string, ContainerSpec>>): Evaluation {
  const derivation = (name: string) => ({ drvPath: `/nix/store/${name}.drv`, outPath: `/nix/store/${name}` });
  const images = Object.entries(containers).map(([container, { page, broken = "fine", revision = "1" }]) => {
    const name = `${container}-${page.trim()}-${broken}-${revision}`;
    return [
      container,
      { ok: true as const, value: { rootfs: derivation(`${name}-rootfs`), metadata: derivation(`${name}-metadata`) } },
    ];
  });
  return { hosts: {}, shells: {}, images: Object.fromEntries(images) };
}

export const hash: HashImage = ({ metadataPath, rootfsPath }) => fingerprintOf([metadataPath, rootfsPath]);

export function buildOf(containers: Readonly<Record<string, ContainerSpec>>): BuildImages {
  return async (names) =>
    Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const { page = "", broken, ballastBytes } = containers[name] ?? {};
          const ballast = ballastBytes === undefined ? {} : { ballastBytes, compressible: true };
          return [
            name,
            {
              ok: true as const,
              ...(await tinyImage({ page, ...(broken === undefined ? {} : { broken }), ...ballast })),
            },
          ] as const;
        }),
      ),
    );
}

export interface World {
  readonly client: IncusClient;
  readonly project: string;
  /** A folder for the lock and the journal. */
  readonly root: string;
  plan(containers: Readonly<Record<string, ContainerSpec>>, options?: WorldOptions): Promise<Plan>;
  apply(containers: Readonly<Record<string, ContainerSpec>>, options?: WorldOptions): Promise<Applied>;
  rollback(containers: Readonly<Record<string, ContainerSpec>>, name: string, options?: WorldOptions): Promise<Applied>;
  /** `NAME: STATUS role` of every instance, in the order of their names. */
  instances(): Promise<string[]>;
  /** What the instance serves. */
  page(name: string): Promise<string>;
  sh(name: string, script: string): Promise<string>;
  removeRoot(): void;
}

export interface WorldOptions extends Pick<PlanInput, "prune" | "selection" | "canary" | "drift"> {
  readonly profiles?: Fleet["profiles"];
  readonly fleet?: string;
  readonly signal?: AbortSignal;
  readonly emit?: (event: FloeEvent) => void;
  readonly options?: ApplyOptions;
  /** Instead of a fresh plan. */
  readonly plan?: Plan;
  readonly build?: BuildImages;
}

export interface Applied {
  readonly plan: Plan;
  readonly report: ApplyReport;
  readonly events: readonly FloeEvent[];
}

export function worldOf(
  client: IncusClient,
  project: string,
  root = mkdtempSync(join(tmpdir(), "floe-apply-")),
): World {
  /** Through a file, and without streams: what is tested here is not the client. */
  const output = async (script: string, name: string): Promise<string> => {
    const body = {
      command: ["sh", "-c", `( ${script} ) > /tmp/output 2>&1`],
      "wait-for-websocket": false,
      "record-output": false,
      interactive: false,
    };
    const { value } = await client.request<{ readonly return?: number }>(
      "POST",
      `/1.0/instances/${name}/exec?project=${project}`,
      body,
    );
    const text = new TextDecoder().decode((await client.getFile(project, name, "/tmp/output")) ?? new Uint8Array());
    if (value.return !== 0) throw new Error(`"${script}" ended with ${value.return}: ${text}`);
    return text.trim();
  };
  const clients = { local: client };
  const plan: World["plan"] = async (containers, options = {}) => {
    const { prune, selection, canary, drift } = options;
    const fleet = fleetOf(containers, fleetOptions(project, options));
    const observed = await observe({ fleet, clients, listeners: readListeners });
    return makePlan({
      fleet,
      evaluation: evaluationOf(containers),
      observed,
      ...(prune === undefined ? {} : { prune }),
      ...(selection === undefined ? {} : { selection }),
      ...(canary === undefined ? {} : { canary }),
      ...(drift === undefined ? {} : { drift }),
    });
  };
  return {
    client,
    project,
    root,
    plan,
    async apply(containers, options = {}) {
      const fleet = fleetOf(containers, fleetOptions(project, options));
      return recorded(root, options, fleet.name, "apply", async (emit, journal) => {
        const made = options.plan ?? (await plan(containers, options));
        const input = { plan: made, fleet, evaluation: evaluationOf(containers), clients, hash, emit, journal };
        const report = await applyPlan({
          ...input,
          build: options.build ?? buildOf(containers),
          signal: options.signal ?? new AbortController().signal,
          options: options.options ?? {},
        });
        return { plan: made, report };
      });
    },
    async rollback(containers, name, options = {}) {
      const fleet = fleetOf(containers, fleetOptions(project, options));
      return recorded(root, options, fleet.name, "rollback", async (emit, journal) => {
        const report = await rollbackInstance({
          fleet,
          name,
          clients,
          emit,
          journal,
          signal: options.signal ?? new AbortController().signal,
        });
        return { plan: await plan(containers, options), report };
      });
    },
    async instances() {
      const list = await listWholeInstances(client);
      return list
        .filter((instance) => instance.project === project)
        .map(({ name, status, config }) => `${name}: ${status} ${config["user.floe.role"] ?? "foreign"}`)
        .sort();
    },
    page: (name) => output("wget -q -O - http://127.0.0.1/", name),
    sh: (name, script) => output(script, name),
    removeRoot: () => rmSync(root, { recursive: true, force: true }),
  };
}

// --- internal ---

function fleetOptions(project: string, { fleet, profiles }: WorldOptions): FleetOptions {
  return { project, ...(fleet === undefined ? {} : { name: fleet }), ...(profiles === undefined ? {} : { profiles }) };
}

function containerOf(name: string, { instances, rollout, image }: ContainerSpec, project: string): Container {
  return {
    name,
    source,
    system: "x86_64-linux",
    tags: [],
    module: {} as Container["module"],
    ...(rollout === undefined ? {} : { rollout }),
    ...(image === undefined ? {} : { image }),
    instances: Object.fromEntries(
      Object.entries(instances).map(([instance, spec]) => [instance, instanceOf(instance, name, project, spec)]),
    ),
  };
}

async function recorded(
  root: string,
  options: WorldOptions,
  fleet: string,
  verb: string,
  work: (emit: Emit, journal: ReturnType<typeof openJournal>) => Promise<Omit<Applied, "events">>,
): Promise<Applied> {
  const events: FloeEvent[] = [];
  const lock = acquireLock(root, verb);
  try {
    const emit: Emit = (event) => {
      const timed = { at: Date.now(), ...event } as FloeEvent;
      events.push(timed);
      options.emit?.(timed);
    };
    return { ...(await work(emit, openJournal(lock, verb, fleet))), events };
  } finally {
    lock.release();
  }
}

/** `create web-1: done`, one line a change. */
export function outcomes({ changes }: ApplyReport): string[] {
  return changes.map(
    ({ kind, name, method, action, outcome, error }) =>
      `${method ?? action} ${kind} ${name}: ${outcome ?? "open"}${error === undefined ? "" : `: ${error.split("\n")[0]}`}`,
  );
}

/** The steps that were begun, in their order. */
export function stepsOf(events: readonly FloeEvent[], subject?: string): string[] {
  return events.flatMap((event) =>
    event.type === "step.start" && (subject === undefined || event.subject.endsWith(`/${subject}`)) ? [event.step] : [],
  );
}

/** What a plan says, one line a change. */
export function told(plan: Plan): string[] {
  return [
    ...plan.changes.flatMap((change) => {
      const name = change.kind === "image" ? change.container : change.name;
      const how =
        change.kind === "instance"
          ? ` ${change.method ?? "-"}${change.then === undefined ? "" : ` then ${change.then}`}`
          : "";
      const drift = change.kind === "instance" || change.kind === "profile" ? (change.drift ?? []) : [];
      const kept = drift.map(
        ({ key, before, after, note }) => `  kept ${key}: ${before ?? ""} -> ${after ?? ""} (${note})`,
      );
      const differences =
        change.kind === "instance" || change.kind === "profile"
          ? change.differences.map(
              ({ key, before, after, note }) =>
                `  ${key}: ${before ?? ""} -> ${after ?? ""}${note === undefined ? "" : ` (${note})`}`,
            )
          : [];
      const notes = change.kind === "instance" ? change.notes.map((note) => `  ! ${note}`) : [];
      return [`${change.action} ${change.kind} ${name}${how}`, ...differences, ...kept, ...notes];
    }),
    ...plan.orphans.map(({ name }) => `orphan ${name}`),
    ...(plan.orphanProfiles ?? []).map(({ name }) => `orphan profile ${name}`),
    ...plan.problems.map(({ subject, message }) => `problem ${subject}: ${message}`),
  ];
}
