/** Taking over what somebody else made: it gets the fleet's labels, as if the fleet had made it as it is. */
import { FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Profile } from "../model/fleet.ts";
import { type Body, decodeApplied, hashContent } from "../plan/applied.ts";
import type { DesiredInstance } from "../plan/desired.ts";
import { canonicalJson } from "../plan/digest.ts";
import { isKept, label } from "../plan/labels.ts";
import { bodyOfProfile, isOwnProfile, profileLabels } from "../plan/own-profile.ts";
import { committedBody, imageLabels } from "./bodies.ts";
import { editInstance } from "./edit.ts";
import { editProfile } from "./edit-profile.ts";

export interface TakeOptions {
  readonly fleet: string;
  /** Written as the apply that made it. */
  readonly id: string;
  /** Profiles that were folded into the instance. */
  readonly folded: readonly string[];
}

/**
 * It goes on running as it is. Besides the labels only `boot.autostart` is written where it was not said, and a folded profile becomes the
 * instance's own words.
 * @throws FloeError when it is another fleet's, or no longer what is described; IncusError
 */
export async function takeInstance(client: IncusClient, desired: DesiredInstance, options: TakeOptions): Promise<void> {
  const { project, name } = desired;
  await editInstance(client, project, name, (body) => {
    const owner = body.config[label.fleet];
    if (owner !== undefined && owner !== options.fleet)
      throw new FloeError(`The instance "${name}" belongs to the fleet "${owner}"`, {
        hint: "It is changed from that fleet's project",
      });
    if (options.folded.length === 0) requireSame(body, desired);
    const kept = Object.fromEntries(Object.entries(body.config).filter(([key]) => isKept(key)));
    const own = { [label.fleet]: options.fleet, [label.instance]: name, ...imageLabels(desired) };
    const { profiles, description, devices } = desired;
    return committedBody(
      { profiles, description, devices, config: { ...kept, ...desired.config, ...own } },
      desired,
      options.id,
    );
  });
}

/** @throws FloeError when it is another fleet's; IncusError */
export async function takeProfile(
  client: IncusClient,
  project: string,
  profile: Profile,
  fleet: string,
): Promise<void> {
  await editProfile(client, project, profile.name, (body) => {
    const owner = body.config[label.fleet];
    if (owner !== undefined && !isOwnProfile(body, fleet))
      throw new FloeError(`The profile "${profile.name}" belongs to the fleet "${owner}"`);
    const said = bodyOfProfile(profile);
    return { ...said, config: { ...said.config, ...profileLabels(fleet, profile) } };
  });
}

/** For instances of the fleet that use a profile which is the fleet's own from now on: they were proved with it. */
export async function noteOwnProfile(
  client: IncusClient,
  { project, name }: Pick<DesiredInstance, "project" | "name">,
  profile: Profile,
): Promise<void> {
  await editInstance(client, project, name, (body) => {
    const applied = decodeApplied(body.config);
    const own = { ...applied.own, [profile.name]: hashContent(profile) };
    return { ...body, config: { ...body.config, [label.applied]: JSON.stringify({ ...applied, own }) } };
  });
}

// --- internal ---

/** Between looking and taking somebody may have changed it: what is then described would undo that. */
function requireSame(body: Body, desired: DesiredInstance): void {
  const comparable = ({ config, devices, profiles, description }: Body): string =>
    canonicalJson({
      profiles,
      description,
      devices,
      config: Object.fromEntries(Object.entries(config).filter(([key]) => !isKept(key) && key !== "boot.autostart")),
    });
  if (comparable(body) !== comparable(desired))
    throw new FloeError(`The instance "${desired.name}" is not what its file says: it was changed meanwhile`, {
      hint: "Delete its file and take it over again",
    });
}
