/**
 * The fleet's own profiles. What is in one counts for all its instances at once, so the old content is kept with the new until
 * every instance that was changed for it has proved healthy:
 *
 *     try → profile → (instances) → keep, or put-back
 *
 * Where floe ends in between, the next apply puts the old content back before anything else.
 */
import { FloeError } from "../errors.ts";
import type { Profile } from "../model/fleet.ts";
import type { InstanceChange, ProfileChange } from "../model/plan.ts";
import { profileAddress } from "../plan/labels.ts";
import { ownProfile } from "../plan/own-profile.ts";
import {
  changeProfile,
  createProfile,
  deleteProfile,
  keepProfile,
  type ProfileWork,
  putBackProfile,
  relabelProfile,
} from "./change-profile.ts";
import { requireClient } from "./clients.ts";
import { done, messageOf, reasonOf } from "./context.ts";
import { planAgain, type Run } from "./run.ts";

/** What an interrupted apply left: the old content comes back, and the rest of the plan is made anew. */
export async function recoverProfiles(run: Run): Promise<void> {
  const { context, record, input } = run;
  const broken = profileChanges(run).filter(({ isInterrupted }) => isInterrupted === true);
  if (broken.length === 0 || context.signal.aborted) return;
  for (const change of broken) {
    try {
      await putBackProfile(context, requireClient(input.clients, change.server), change);
    } catch (error) {
      record.settle(change.address, { outcome: "failed", ...reasonOf(error) });
    }
  }
  run.plan = await planAgain(input);
  const now = profileChanges(run);
  for (const { address } of broken)
    if (record.outcomeOf(address) === undefined && now.find((one) => one.address === address)?.action === "none")
      record.settle(address, done);
  record.replan(run.plan);
}

/** Made and changed before the instances. One that exists is settled only after them. */
export async function makeProfiles(run: Run): Promise<void> {
  const { context, record } = run;
  for (const change of profileChanges(run)) {
    if (context.signal.aborted) return;
    if (record.outcomeOf(change.address) !== undefined) continue;
    if (change.action === "create") await record.change(change.address, () => createProfile(workOf(run, change)));
    if (change.action !== "update") continue;
    if (change.differences.length === 0) await record.change(change.address, () => relabelProfile(workOf(run, change)));
    else await writeContent(run, change);
  }
}

/** Every instance that was to change has: the new content stays. */
export async function commitProfiles(run: Run): Promise<void> {
  for (const change of profileChanges(run))
    if (run.profiles.get(change.address) === "changed")
      await run.record.change(change.address, () => keepProfile(workOf(run, change)));
}

/**
 * An instance does not work: the profiles that changed for it get their old content back, before the instance itself does.
 * Never throws.
 */
export async function putBackProfiles(run: Run, instance: InstanceChange | undefined): Promise<void> {
  const { context, record, input, profiles } = run;
  if (instance === undefined) return;
  const causes = profileChanges(run).filter(
    ({ address, name, server, project }) =>
      profiles.get(address) === "changed" &&
      server === instance.server &&
      project === instance.project &&
      instance.differences.some(({ key }) => key === "profiles" || key.startsWith(`profiles.${name}.`)),
  );
  for (const change of causes) {
    profiles.set(change.address, "back");
    const error = `"${instance.name}" does not work with it: its old content is back`;
    try {
      await putBackProfile(context, requireClient(input.clients, change.server), change);
      record.settle(change.address, { outcome: "undone", error });
    } catch (cause) {
      record.settle(change.address, {
        outcome: "failed",
        error: `"${instance.name}" does not work with it, and its old content could not be put back: ${messageOf(cause)}`,
        hint: 'Run "floe apply" again: it begins by putting it back',
      });
    }
  }
}

/** Own profiles that nothing names or uses any more; only on request. */
export async function deleteProfiles(run: Run): Promise<void> {
  const { context, record, input } = run;
  for (const change of profileChanges(run)) {
    if (change.action !== "delete" || context.signal.aborted) continue;
    const client = requireClient(input.clients, change.server);
    await record.change(change.address, () => deleteProfile(context, client, change));
  }
}

/** Why an instance that names these profiles is not even begun. */
export function profileObstacle(
  { record }: Pick<Run, "record">,
  { server, project }: InstanceChange,
  profiles: readonly string[],
): string | undefined {
  const bad = profiles.find((name) => {
    const outcome = record.outcomeOf(profileAddress({ server, project, name }));
    return outcome !== undefined && outcome !== "done";
  });
  return bad === undefined ? undefined : `The profile "${bad}" could not be changed`;
}

// --- internal ---

function workOf(run: Run, change: ProfileChange): ProfileWork {
  const { context, input } = run;
  const client = requireClient(input.clients, change.server);
  return { context, client, change, profile: profileOf(run, change), drift: input.plan.drift ?? "keep" };
}

/** Settles only a failure: whether it is done is known when its instances are. */
async function writeContent(run: Run, change: ProfileChange): Promise<void> {
  const begin = performance.now();
  const outcome = await changeProfile(workOf(run, change));
  if (outcome.outcome === "done") run.profiles.set(change.address, "changed");
  else run.record.settle(change.address, outcome, Math.round(performance.now() - begin));
}

function profileChanges({ plan }: Run): ProfileChange[] {
  return plan.changes.filter((change) => change.kind === "profile");
}

function profileOf({ input }: Run, { name }: ProfileChange): Profile {
  const profile = ownProfile(input.fleet, name);
  if (profile === undefined) throw new FloeError(`The profile "${name}" is not described any more`);
  return profile;
}
