/** Small pieces of a world for the pure tests of plan/. */
import type { Container, Fleet, Instance } from "../../../src/model/fleet.ts";
import type { DriftMode, Plan } from "../../../src/model/plan.ts";
import { encodeApplied, encodeHealth } from "../../../src/plan/applied.ts";
import { type DesiredInstance, desiredInstance } from "../../../src/plan/desired.ts";
import { label } from "../../../src/plan/labels.ts";
import type { Observed, ObservedInstance, ObservedProject, ObservedServer } from "../../../src/plan/observed.ts";
import { withProfiles } from "../../../src/plan/own-profile.ts";

export const image = { rootfs: "/nix/store/new-rootfs", metadata: "/nix/store/new-metadata" };

export function instance(spec: Partial<Instance> = {}): Instance {
  return {
    name: "web",
    container: "web",
    server: "local",
    project: "default",
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

export function desired(
  spec: Partial<Instance> = {},
  drift: DriftMode = "keep",
  profiles: NonNullable<Fleet["profiles"]> = {},
): DesiredInstance {
  return withProfiles(desiredInstance(instance(spec), image).instance, { ...fleet([]), profiles }, drift);
}

/** The instance as floe leaves it, then changed by `more`. */
export function applied(spec: Partial<Instance> = {}, more: Partial<ObservedInstance> = {}): ObservedInstance {
  const wanted = desired(spec);
  const labels = {
    [label.fleet]: "home",
    [label.instance]: wanted.name,
    [label.container]: wanted.container,
    [label.role]: "current",
    [label.rootfs]: wanted.image.rootfs,
    [label.metadata]: wanted.image.metadata,
    [label.applied]: encodeApplied(wanted),
    [label.health]: encodeHealth(wanted.health),
    [label.healthy]: "true",
    [label.apply]: "earlier",
  };
  const { config = {}, ...rest } = more;
  return {
    name: wanted.name,
    project: wanted.project,
    status: "running",
    description: wanted.description,
    profiles: wanted.profiles,
    config: { ...wanted.config, ...labels, "volatile.uuid": "u", "volatile.base_image": "f00d", ...config },
    devices: wanted.devices,
    expandedDevices: { root: { type: "disk", path: "/", pool: "default" }, ...wanted.devices },
    snapshots: [],
    ...rest,
  };
}

export const defaultProfile = {
  name: "default",
  config: {},
  devices: { root: { type: "disk", path: "/", pool: "default" } },
};

export function server(
  instances: readonly ObservedInstance[] = [],
  project: Partial<ObservedProject> = {},
  more: Partial<ObservedServer> = {},
): ObservedServer {
  return {
    ok: true,
    instances,
    projects: {
      default: {
        images: [],
        profiles: [defaultProfile],
        volumes: {},
        networks: [
          { name: "br0", managed: false },
          { name: "incusbr0", managed: true },
        ],
        ...project,
      },
    },
    pools: ["default"],
    listeners: [],
    ...more,
  };
}

export function observed(local: ObservedServer = server()): Observed {
  return { servers: { local } };
}

export function fleet(instances: readonly Instance[]): Fleet {
  const containers = [...new Set(instances.map(({ container }) => container))].map((name): [string, Container] => [
    name,
    {
      name,
      source: { file: `containers/${name}.ts`, line: 1, column: 1 },
      system: "x86_64-linux",
      tags: [],
      module: {} as Container["module"],
      instances: Object.fromEntries(
        instances.filter(({ container }) => container === name).map((one) => [one.name, one]),
      ),
    },
  ]);
  return {
    name: "home",
    description: "",
    root: "/nowhere",
    configFile: "floe.config.ts",
    inputs: {},
    servers: { local: { name: "local", kind: "unix" } },
    hosts: {},
    shells: {},
    modules: {},
    containers: Object.fromEntries(containers),
  };
}

/** A plan as lines. */
export function lines(plan: Plan): string[] {
  return [
    ...plan.changes.flatMap((change) => {
      if (change.kind === "image" || change.kind === "volume") return [`${change.action} ${change.address}`];
      const how =
        change.kind === "profile" || change.method === null
          ? ""
          : ` by ${change.method}${change.then === undefined ? "" : ` then ${change.then}`}`;
      return [
        `${change.action} ${change.address}${how}`,
        ...change.differences.map(
          ({ key, before, after, note }) =>
            `  ${key}: ${before ?? "(none)"} -> ${after ?? "(none)"}${note === undefined ? "" : ` (${note})`}`,
        ),
        ...(change.drift ?? []).map(
          ({ key, before, after, note }) => `  kept ${key}: ${before ?? "(none)"} -> ${after ?? "(none)"} (${note})`,
        ),
        ...change.notes.map((note) => `  ! ${note}`),
      ];
    }),
    ...(plan.orphanProfiles ?? []).map(
      ({ server, project, name, usedBy }) =>
        `orphan profile ${server}/${project}/${name} used by ${usedBy.join(", ") || "nothing"}`,
    ),
    ...plan.orphans.map(({ server, project, name }) => `orphan ${server}/${project}/${name}`),
    ...plan.problems.map(
      ({ subject, message, hint }) => `problem: ${subject}: ${message}${hint === undefined ? "" : `\n  ${hint}`}`,
    ),
  ];
}
