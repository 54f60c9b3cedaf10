/**
 * Takes over instances that were made by hand:
 *
 *     read → describe → (a person agrees) → write → load → take → compare
 *
 * The server is changed only after the project describes exactly what is there.
 */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { noteOwnProfile, takeInstance, takeProfile } from "../apply/take.ts";
import { ConfigError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import { type Fleet, type Instance, instancesOf, type Profile } from "../model/fleet.ts";
import { type DesiredInstance, desiredInstance } from "../plan/desired.ts";
import { foreignImage } from "../plan/foreign-images.ts";
import { ownProfile, withProfiles } from "../plan/own-profile.ts";
import { writeFileWhole } from "../util/files.ts";
import { type Adoption, type AdoptionInput, planAdoption } from "./plan-adoption.ts";
import { type ProjectFiles, projectFiles } from "./project-files.ts";
import { type InFolder, readFolder } from "./read-folder.ts";
import { readServer } from "./read-server.ts";

export interface AdoptIncusOptions extends Pick<AdoptionInput, "names" | "fold" | "profiles"> {
  /** A name in `fleet.servers`. */
  readonly server: string;
  readonly project: string;
  /** A folder with what is kept by hand. */
  readonly from?: string | undefined;
}

export interface ProposedAdoption {
  readonly adoption: Adoption;
  readonly files: ProjectFiles;
  readonly folder?: InFolder | undefined;
}

/** What would be written and taken; changes nothing. @throws UsageError, ConfigError, IncusError */
export async function proposeAdoption(
  fleet: Fleet,
  client: IncusClient,
  { server, project, from, ...choice }: AdoptIncusOptions,
  signal: AbortSignal,
): Promise<ProposedAdoption> {
  const found = await readServer(client, project, signal);
  const folder = from === undefined ? undefined : await readFolder(from);
  const servers = Object.keys(fleet.servers);
  const isObvious = servers.length === 1 || server === "local";
  const adoption = planAdoption({
    ...choice,
    found,
    folder,
    place: { server: isObvious ? undefined : server, project: project === "default" ? undefined : project },
    known: new Set(instancesOf(fleet).map(({ name }) => name)),
  });
  const taken = new Set([...Object.keys(fleet.hosts), ...Object.keys(fleet.containers)]);
  const files = projectFiles(adoption.instances, adoption.profiles, taken);
  const clash = [...files.keys()].find((file) => existsSync(join(fleet.root, file)));
  if (clash !== undefined)
    throw new ConfigError(`Cannot write "${clash}": there is such a file already`, {
      hint: "Move it away, or name the instances to take over",
    });
  return { adoption, files, folder };
}

/** Writes the files, and marks on the server what they describe. `load` reads the project anew. @throws ConfigError: then nothing is left behind */
export async function carryOutAdoption(
  root: string,
  client: IncusClient,
  { adoption, files }: ProposedAdoption,
  id: string,
  load: () => Promise<Fleet>,
): Promise<Fleet> {
  const madeFolders: string[] = [];
  for (const [file, text] of files) {
    const made = mkdirSync(dirname(join(root, file)), { recursive: true });
    if (made !== undefined) madeFolders.push(made);
    writeFileWhole(join(root, file), text);
  }
  try {
    const fleet = await load();
    const described = adoption.instances.map(({ name }) => requireDescribed(fleet, name));
    for (const profile of takenProfiles(fleet, adoption, described))
      await takeProfile(client, described[0]?.project ?? "default", profile, fleet.name);
    const before = instancesOf(fleet).filter(({ name }) => !described.some((one) => one.name === name));
    for (const profile of takenProfiles(fleet, adoption, described))
      for (const instance of before.filter((one) => usesIt(one, profile, described)))
        await noteOwnProfile(client, instance, profile);
    for (const instance of described.filter(({ name }) => adoption.taken.includes(name)))
      await takeInstance(client, withProfiles(desiredAsIs(fleet, instance), fleet), {
        fleet: fleet.name,
        id,
        folded: adoption.folded[instance.name] ?? [],
      });
    return fleet;
  } catch (error) {
    for (const file of files.keys()) rmSync(join(root, file), { force: true });
    for (const folder of madeFolders) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

// --- internal ---

function requireDescribed(fleet: Fleet, name: string): Instance {
  const instance = instancesOf(fleet).find((one) => one.name === name);
  if (instance !== undefined) return instance;
  throw new ConfigError(`The project does not read the file of "${name}" in containers/`, {
    hint: 'Let it: containers: dir("./containers") in floe.config.ts',
  });
}

/** Its image by its fingerprint, whether the server still has it or not: what runs was made of it. */
function desiredAsIs(fleet: Fleet, instance: Instance): DesiredInstance {
  const image = fleet.containers[instance.container]?.image ?? {};
  return desiredInstance(instance, foreignImage(image, instance, image.fingerprint)).instance;
}

/** An instance that was the fleet's before, beside those that are taken. */
function usesIt({ server, project, profiles }: Instance, profile: Profile, [first]: readonly Instance[]): boolean {
  return server === first?.server && project === first.project && profiles.includes(profile.name);
}

/** Those of the taken instances; one that is only in the folder is made by the next apply. */
function takenProfiles(fleet: Fleet, { profiles }: Adoption, described: readonly Instance[]): Profile[] {
  const used = new Set(described.flatMap((instance) => instance.profiles));
  return profiles.flatMap(({ name }) => {
    const profile = ownProfile(fleet, name);
    if (profile === undefined)
      throw new ConfigError(`The project does not read the file of the profile "${name}" in profiles/`, {
        hint: 'Let it: profiles: dir("./profiles") in floe.config.ts',
      });
    return used.has(name) ? [profile] : [];
  });
}
