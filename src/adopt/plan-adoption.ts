/** What is taken over and how the project will say it, from what a server and a folder have. Pure. */

import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { describeInstance, describeProfile, type Found, fold, type Place } from "./describe.ts";
import type { DescribedInstance, DescribedProfile } from "./project-files.ts";
import type { FolderProfile, InFolder } from "./read-folder.ts";
import { type OnServer, obstacleOf } from "./read-server.ts";

export interface AdoptionInput {
  readonly found: OnServer;
  readonly folder?: InFolder | undefined;
  /** Names or globs; empty: every instance that no fleet owns. */
  readonly names: readonly string[];
  /** A profile that only one instance uses becomes part of it. */
  readonly fold: boolean;
  /** Profiles of the taken instances become the fleet's own. */
  readonly profiles: boolean;
  readonly place: Place;
  /** Instances that the fleet describes already. */
  readonly known: ReadonlySet<string>;
}

export interface Adoption {
  readonly instances: readonly DescribedInstance[];
  readonly profiles: readonly DescribedProfile[];
  /** On the server: they get the fleet's mark. */
  readonly taken: readonly string[];
  /** Profiles to fold, by instance: they are written into it and left out of its list. */
  readonly folded: Readonly<Record<string, readonly string[]>>;
  /** In the folder only: they are made by the next apply. */
  readonly toMake: readonly string[];
  /** Why some are left alone. */
  readonly left: readonly { readonly name: string; readonly why: string }[];
}

/** @throws UsageError for a name that fits nothing */
export function planAdoption(input: AdoptionInput): Adoption {
  const { found, folder, known } = input;
  const chosen = choose(input);
  const left = found.free.flatMap((instance) => {
    const why =
      obstacleOf(instance) ?? (known.has(instance.name) ? "the fleet describes one of this name already" : undefined);
    return chosen(instance.name) && why !== undefined ? [{ name: instance.name, why }] : [];
  });
  const isLeft = new Set(left.map(({ name }) => name));
  const taken = found.free.filter(({ name }) => chosen(name) && !isLeft.has(name));
  const folded = input.fold ? foldable(taken, found) : {};
  const live = taken.map((instance) => {
    const whole = (folded[instance.name] ?? []).reduce<Found>((so, name) => {
      const profile = found.profiles.find((one) => one.name === name);
      return profile === undefined ? so : fold(so, profile);
    }, instance);
    return { name: instance.name, image: imageOf(instance.config, found), ...describeInstance(whole, input.place) };
  });
  const made = folder === undefined ? [] : fromFolder(folder, input, chosen);
  return {
    instances: [...live, ...made],
    profiles: ownProfiles(input, taken, Object.values(folded).flat()),
    taken: taken.map(({ name }) => name),
    folded,
    toMake: made.map(({ name }) => name),
    left,
  };
}

// --- internal ---

/** @throws UsageError */
function choose({ names, found, folder, known }: AdoptionInput): (name: string) => boolean {
  if (names.length === 0) return () => true;
  const all = [...found.free.map(({ name }) => name), ...Object.keys(folder?.images ?? {})];
  const patterns = names.map((text) => ({ text, pattern: globOf(text) }));
  for (const { text, pattern } of patterns) {
    if (all.some((name) => pattern.test(name))) continue;
    const owner = found.owned[text];
    if (owner !== undefined && known.has(text))
      throw new UsageError(`The instance "${text}" is the project's already`, {
        hint: "floe plan says whether it is as described",
      });
    if (owner !== undefined)
      throw new UsageError(`The instance "${text}" belongs to the fleet "${owner}" already`, {
        hint: "It is changed from that fleet's project",
      });
    const near = nearest(text, all);
    throw new UsageError(`There is no instance "${text}" to take over`, {
      hint: near === undefined ? `Free are: ${all.join(", ") || "none"}` : `Did you mean ${near}?`,
    });
  }
  return (name) => patterns.some(({ pattern }) => pattern.test(name));
}

function globOf(text: string): RegExp {
  return new RegExp(
    `^${text
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
}

function foldable(taken: OnServer["free"], { profiles }: OnServer): Record<string, string[]> {
  return Object.fromEntries(
    taken.map((instance) => [
      instance.name,
      instance.profiles.filter((name) => {
        const users = profiles.find((profile) => profile.name === name)?.used_by ?? [];
        // The last profile wins in Incus, and an instance's own keys win over all: only the last can be folded without a change.
        return name !== "default" && users.length === 1 && instance.profiles.at(-1) === name;
      }),
    ]),
  );
}

function imageOf(config: Readonly<Record<string, string>>, { images }: OnServer): DescribedInstance["image"] {
  const fingerprint = config["volatile.base_image"] ?? "";
  const alias = images.find((image) => image.fingerprint === fingerprint)?.aliases[0]?.name;
  return { fingerprint, ...(alias === undefined ? {} : { alias }) };
}

function ownProfiles(
  { found, folder, profiles }: AdoptionInput,
  taken: OnServer["free"],
  folded: readonly string[],
): DescribedProfile[] {
  if (!profiles) return [];
  const named = new Set(
    taken.flatMap((instance) => instance.profiles).filter((name) => name !== "default" && !folded.includes(name)),
  );
  const onServer = found.profiles.filter(({ name }) => named.has(name));
  const others = (folder?.profiles ?? []).filter(
    ({ name }) => !found.profiles.some((profile) => profile.name === name),
  );
  const describe = ({
    name,
    ...content
  }: Pick<FolderProfile, "name" | "description" | "config" | "devices">): DescribedProfile => ({
    name,
    spec: describeProfile(content),
  });
  return [...onServer, ...others].map(describe);
}

/** An instance that is only written down: its own profile is folded into it or named, its seeds are its own. */
function fromFolder(
  folder: InFolder,
  { found, fold: folds, place }: AdoptionInput,
  chosen: (name: string) => boolean,
): DescribedInstance[] {
  const there = new Set([...found.free.map(({ name }) => name), ...Object.keys(found.owned)]);
  return Object.entries(folder.images)
    .filter(([name]) => chosen(name) && !there.has(name))
    .map(([name, alias]) => {
      const own = folder.profiles.find((profile) => profile.name === name);
      const bare: Found = {
        name,
        type: "container",
        status: "Running",
        description: "",
        profiles: ["default", ...(own === undefined ? [] : [name])],
        config: { ...folder.seeds[name] },
        devices: {},
      };
      return {
        name,
        image: { alias },
        ...describeInstance(own !== undefined && folds ? fold(bare, own) : bare, place),
      };
    });
}
