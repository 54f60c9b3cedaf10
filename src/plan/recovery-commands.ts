/** The steps of a recovery as commands of the Incus client, for when floe cannot do them itself. */
import type { StringMap } from "../incus/types.ts";
import { typedWord } from "../util/quote-word.ts";
import { label, physicalNames } from "./labels.ts";
import type { ObservedInstance } from "./observed.ts";
import { readParked } from "./parking.ts";
import { readPending } from "./pending.ts";
import { readRebuilding } from "./rebuilding.ts";
import { advance, type InstanceObjects, type RecoveryStep } from "./recovery.ts";

export interface CommandTarget {
  /** The logical name. */
  readonly name: string;
  readonly project: string;
  /** The Incus client's name of the server; absent for the one of this machine. */
  readonly remote?: string;
}

export function recoveryCommands(
  objects: InstanceObjects,
  steps: readonly RecoveryStep[],
  target: CommandTarget,
): string[] {
  let world = objects;
  return steps.flatMap((step) => {
    const commands = commandsOf(world, step, target);
    world = advance(world, step);
    return commands;
  });
}

/** `incus --project lab`, or just `incus`. */
export function incusCommand(project: string): string {
  return project === "default" ? "incus" : `incus --project ${project}`;
}

// --- internal ---

function commandsOf(world: InstanceObjects, step: RecoveryStep, { name, project, remote }: CommandTarget): string[] {
  const incus = incusCommand(project);
  const names = physicalNames(name);
  const at = (what: string): string => (remote === undefined ? what : `${remote}:${what}`);
  const subject = at(names[step.place]);
  switch (step.kind) {
    case "stop":
      return [`${incus} stop ${subject} --force`];
    case "start":
      return [`${incus} start ${subject}`];
    case "unmark":
      return [];
    case "rebuild": {
      const { from, to } = readRebuilding(world[step.place]?.config ?? {}) ?? {};
      return [
        `${incus} rebuild ${at(from ?? to ?? "")} ${subject} --force`,
        `${incus} config unset ${subject} ${label.rebuilding}`,
      ];
    }
    case "switch-back": {
      const { [label.system]: system } = world[step.place]?.config ?? {};
      return [
        `${incus} exec ${subject} -- ln -sfn ${system} /nix/var/nix/profiles/system`,
        `${incus} exec ${subject} -- ${system}/bin/switch-to-configuration test`,
        `${incus} config unset ${subject} ${label.systemNext}`,
      ];
    }
    case "revert":
      return revertCommands(world[step.place], incus, subject);
    case "discard":
      // Not a deletion: whoever types this has had enough trouble for a day.
      return [`${incus} rename ${subject} ${names[step.place]}-old`];
    case "park":
      return addressKeys(world[step.place]?.config ?? {}).map((key) => `${incus} config unset ${subject} ${key}`);
    case "unpark":
      return unparkCommands(world[step.place]?.config ?? {}, incus, subject);
    case "set-aside":
    case "put-back":
    case "retire":
      return [`${incus} rename ${subject} ${names[step.to]}`];
  }
}

/** The old values of a change that was not proved. */
export function revertCommands(instance: ObservedInstance | undefined, incus: string, subject: string): string[] {
  const before = instance && readPending(instance.config)?.before;
  const config = Object.entries(before?.config ?? {}).map(([key, value]) =>
    value === null
      ? `${incus} config unset ${subject} ${key}`
      : `${incus} config set ${subject} ${typedWord(`${key}=${value}`)}`,
  );
  const devices = Object.entries(before?.devices ?? {}).flatMap(([name, device]) => [
    ...(instance?.devices[name] === undefined ? [] : [`${incus} config device remove ${subject} ${name}`]),
    ...(device === null ? [] : [`${incus} config device add ${subject} ${name} ${deviceWords(device)}`]),
  ]);
  return [...config, ...devices, `${incus} config unset ${subject} ${label.pending}`];
}

function deviceWords({ type = "none", ...keys }: StringMap): string {
  return [type, ...Object.entries(keys).map(([key, value]) => typedWord(`${key}=${value}`))].join(" ");
}

function addressKeys(config: StringMap): string[] {
  return Object.keys(config).filter((key) => /^volatile\..+\.hwaddr$/.test(key));
}

function unparkCommands(config: StringMap, incus: string, subject: string): string[] {
  const parked = readParked(config);
  if (parked === undefined) return [];
  const settings = {
    ...parked.addresses,
    ...(parked.autostart === undefined ? {} : { "boot.autostart": parked.autostart }),
  };
  const devices = Object.entries(parked.nics).flatMap(([nic, keys]) =>
    Object.entries(keys).map(([key, value]) => `${incus} config device set ${subject} ${nic} ${key}=${value}`),
  );
  const sets = Object.entries(settings).map(([key, value]) => `${incus} config set ${subject} ${key}=${value}`);
  return [...sets, ...devices, `${incus} config unset ${subject} ${label.parked}`];
}
