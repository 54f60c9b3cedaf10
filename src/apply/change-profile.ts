/** One profile of the fleet: made, changed, put back, kept, deleted. */
import { FloeError, IncusError } from "../errors.ts";
import { wordsOf } from "../incus/failure.ts";
import type { IncusClient, StringMap } from "../incus/types.ts";
import type { Profile } from "../model/fleet.ts";
import type { DriftMode, ProfileChange } from "../model/plan.ts";
import { type Body, decodeApplied, encodeBoth } from "../plan/applied.ts";
import { isRoot } from "../plan/classify.ts";
import { label } from "../plan/labels.ts";
import { bodyOfProfile, isOwnProfile, mergeProfile, profileLabels } from "../plan/own-profile.ts";
import { beforeOf } from "../plan/pending.ts";
import { revertPending } from "../plan/recovery.ts";
import { tryProfile } from "./check-profile.ts";
import { type ApplyContext, done, messageOf, type Outcome, reasonOf, step, throwIfCancelled } from "./context.ts";
import { editProfile } from "./edit-profile.ts";

export interface ProfileWork {
  readonly context: ApplyContext;
  readonly client: IncusClient;
  readonly change: ProfileChange;
  /** As it is declared. */
  readonly profile: Profile;
  readonly drift: DriftMode;
}

export async function createProfile({ context, client, change, profile }: ProfileWork): Promise<Outcome> {
  throwIfCancelled(context);
  const { project, name, address } = change;
  const found = await client.getProfile(project, name);
  // A project without profiles of its own shows those of the default project: another change may have made it just now.
  if (found !== undefined && isOwnProfile(found.value, context.fleet)) return done;
  if (found !== undefined) throw foreign(name);
  const { config, devices, description } = labelled(bodyOfProfile(profile), context.fleet, profile);
  await step(context, address, "profile", () => client.createProfile(project, { name, config, devices, description }));
  return done;
}

/** It is as declared, but does not say so. */
export async function relabelProfile({ context, client, change, profile }: ProfileWork): Promise<Outcome> {
  throwIfCancelled(context);
  const { project, name, address } = change;
  await step(context, address, "relabel", () =>
    editProfile(client, project, name, (body) => labelled(body, context.fleet, profile)),
  );
  return done;
}

/** Tried, then written, with what it replaces beside it. What fails is undone here; `done` means written, not yet kept. */
export async function changeProfile(work: ProfileWork): Promise<Outcome> {
  const { context, client, change } = work;
  try {
    await tryContent(work);
    throwIfCancelled(context);
  } catch (error) {
    return { outcome: "undone", ...reasonOf(error) };
  }
  try {
    await step(context, change.address, "profile", () =>
      editProfile(client, change.project, change.name, (body) => pendingBody(body, work)),
    );
    return done;
  } catch (error) {
    return takeBack(work, error);
  }
}

/** What it replaced is dropped. */
export async function keepProfile({ context, client, change, profile }: ProfileWork): Promise<Outcome> {
  const { project, name, address } = change;
  await step(context, address, "keep", () =>
    editProfile(client, project, name, (body) => labelled(body, context.fleet, profile)),
  );
  return done;
}

/** Nothing to do where the new content was never written. What counts is that the old is written: instances that refuse it are said. */
export async function putBackProfile(context: ApplyContext, client: IncusClient, change: ProfileChange): Promise<void> {
  const { project, name, address } = change;
  const isPending = async (): Promise<boolean> =>
    (await client.getProfile(project, name))?.value.config[label.pending] !== undefined;
  if (!(await isPending())) return;
  await step(context, address, "put-back", async () => {
    try {
      await editProfile(client, project, name, (body) =>
        body.config[label.pending] === undefined ? null : revertPending(body),
      );
    } catch (error) {
      if (await isPending()) throw error;
      context.emit({
        type: "message",
        level: "info",
        text: `The profile "${name}" is as it was; Incus said while it was put back: ${messageOf(error)}`,
      });
    }
  });
}

/** Incus refuses to delete one that is in use. */
export async function deleteProfile(
  context: ApplyContext,
  client: IncusClient,
  change: ProfileChange,
): Promise<Outcome> {
  throwIfCancelled(context);
  const { project, name, address } = change;
  const found = await client.getProfile(project, name);
  if (found === undefined) return done;
  if (!isOwnProfile(found.value, context.fleet)) throw foreign(name);
  await step(context, address, "delete", () => client.deleteProfile(project, name));
  return done;
}

// --- internal ---

/** @throws IncusError when an instance could not have it, FloeError when it is not the fleet's */
async function tryContent({ context, client, change, profile, drift }: ProfileWork): Promise<void> {
  throwIfCancelled(context);
  const { project, name, address } = change;
  const found = await client.getProfile(project, name);
  if (found === undefined || !isOwnProfile(found.value, context.fleet)) throw foreign(name);
  const { body: content } = mergeProfile(bodyOfProfile(found.value), profile, drift);
  const root = await rootOfUser(client, project, name);
  await step(context, address, "try", () => tryProfile(client, { fleet: context.fleet, project, name, content, root }));
}

/** The new content, with what it replaces. */
function pendingBody(body: Body, { context, profile, drift }: ProfileWork): Body {
  if (!isOwnProfile(body, context.fleet)) throw foreign(profile.name);
  const applied = decodeApplied(body.config);
  const { body: merged } = mergeProfile(body, profile, drift);
  const pending = {
    restart: false,
    before: beforeOf(body, merged),
    ...(body.config[label.applied] === undefined ? {} : { applied: body.config[label.applied] }),
  };
  const marks = {
    [label.pending]: JSON.stringify(pending),
    [label.applied]: encodeBoth(applied, bodyOfProfile(profile)),
  };
  return { ...merged, config: { ...merged.config, ...marks } };
}

/** @throws FloeError when somebody has taken the fleet's label off */
function labelled(body: Body, fleet: string, profile: Profile): Body {
  const { [label.pending]: _, ...config } = body.config;
  return { ...body, config: { ...config, ...profileLabels(fleet, profile) } };
}

/** The server has refused, an instance has, or nobody knows. */
async function takeBack({ context, client, change }: ProfileWork, cause: unknown): Promise<Outcome> {
  try {
    await putBackProfile(context, client, change);
    return { outcome: "undone", ...refusalOf(change.name, cause) };
  } catch (error) {
    return {
      outcome: "failed",
      error: `${messageOf(cause)}\nThe old content could not be put back: ${messageOf(error)}`,
      hint: 'Run "floe apply" again: it begins by putting it back',
    };
  }
}

/** Incus' own list of the instances that refused, without what it says about the profile itself: that is not so any more. */
function refusalOf(name: string, cause: unknown): Omit<Outcome, "outcome"> {
  const reason = reasonOf(cause);
  if (!(cause instanceof IncusError)) return reason;
  const [, list] = /failed to update \(profile change still saved\):\s*([\s\S]*)$/.exec(wordsOf(cause)) ?? [];
  if (list === undefined) return reason;
  const refused = list
    .split("\n")
    .map((line) => line.trim().replace(/^- /, ""))
    .filter((line) => line !== "");
  return { ...reason, error: `Profile "${name}" is refused, and its old content is back: ${refused.join("; ")}` };
}

async function rootOfUser(client: IncusClient, project: string, name: string): Promise<StringMap | undefined> {
  const user = (await client.listInstances(project)).find(({ profiles }) => profiles.includes(name));
  return Object.values(user?.expanded_devices ?? {}).find(isRoot);
}

function foreign(name: string): FloeError {
  return new FloeError(`Profile "${name}" is not the fleet's any more`, { hint: "Make a new plan" });
}
