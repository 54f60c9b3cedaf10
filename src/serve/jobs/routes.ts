/** Making plans, carrying them out, and what else changes something. */
import type { Host } from "../../model/fleet.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import type { ApplyRequest, Job, PlanRequest, PowerRequest, RollbackRequest } from "../protocol.ts";
import { badRequest, notFound, RefusedError } from "../refused.ts";
import { type Exchange, type Route, route } from "../router.ts";
import { previewHostRollback, startHostRollback, startPlanHosts, startSwitch } from "./hosts.ts";
import { previewRollback, startApply, startPlan, startPower, startRollback } from "./instances.ts";
import { startPrune } from "./prune.ts";
import { addressesIn, fieldsOf, flagOf, numberOf, textOf, textsOf } from "./selection.ts";

/** A plan changes nothing but the generated flake files. */
const inReadOnly = true;

export const jobRoutes: readonly Route[] = [
  route("GET", "/api/jobs", ({ serve }) => serve.jobs.list()),
  route("GET", "/api/jobs/:id", ({ params, serve }) => serve.jobs.get(params.id)),
  route("POST", "/api/jobs/:id/cancel", ({ params, serve }) => serve.jobs.cancel(params.id)),
  route("GET", "/api/plans/:id", ({ params, serve }) => serve.jobs.plan(params.id)),
  route("POST", "/api/plan", ({ body, serve, user }) => startPlan(serve, readPlan(serve, body), user), { inReadOnly }),
  route("POST", "/api/plan-hosts", ({ body, serve, user }) => startPlanHosts(serve, readHosts(serve, body), user), {
    inReadOnly,
  }),
  route("POST", "/api/apply", applyPlan),
  route("POST", "/api/power", ({ body, serve, user }) => startPower(serve, readPower(serve, body), user)),
  route("POST", "/api/instances/:name/rollback", rollBackInstance),
  route("POST", "/api/hosts/:name/rollback", rollBackHost),
  route("POST", "/api/images/prune", ({ body, serve, user }) => startPrune(serve, readImages(body), user)),
];

// --- internal ---

/** A plan is evaluated anew before it is carried out; after this time the browser is told that this still goes on. */
const checkMs = 25_000;

async function applyPlan({ body, serve, user }: Exchange<never>): Promise<Job> {
  const fields = fieldsOf(body, "planId", "partial");
  const request: ApplyRequest = { planId: textOf(fields, "planId"), partial: flagOf(fields, "partial") };
  const kept = serve.jobs.plan(request.planId);
  let begun = (): void => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const job =
    kept.kind === "instances"
      ? startApply(serve, kept, request, user, begun)
      : startSwitch(serve, kept, request, user, begun);
  const now = await Promise.race([beginning.then(() => serve.jobs.get(job.id)), serve.jobs.settled(job.id, checkMs)]);
  const { state, error } = now;
  if (state === "failed" && error?.code === "PLAN_STALE")
    throw new RefusedError(409, error.code, error.message, { hint: error.hint });
  return now;
}

async function rollBackInstance({ params, body, serve, user, signal }: Exchange<"name">) {
  const { to, dryRun } = readRollback(body);
  const instance = serve.instance(params.name);
  if (dryRun) return previewRollback(serve, instance, to, signal);
  return startRollback(serve, instance, to, user);
}

async function rollBackHost({ params, body, serve, user, signal }: Exchange<"name">) {
  const { to, dryRun } = readRollback(body);
  const host = serve.host(params.name);
  if (dryRun) return previewHostRollback(serve, host, to, signal);
  return startHostRollback(serve, host, to, user);
}

function readRollback(body: unknown): RollbackRequest {
  const fields = fieldsOf(body, "to", "dryRun");
  return defined({ to: numberOf(fields, "to"), dryRun: flagOf(fields, "dryRun") });
}

function readPlan(serve: Serve, body: unknown): PlanRequest {
  const fields = fieldsOf(body, "selection", "prune", "fixDrift");
  const selection = textsOf(fields, "selection");
  const prune = flagOf(fields, "prune");
  if (prune && selection !== null) throw badRequest("Pruning is about the whole fleet and takes no selection");
  if (selection?.length === 0) throw badRequest("No instance is named");
  return {
    selection: selection && addressesIn(serve.fleet(), selection),
    prune,
    fixDrift: flagOf(fields, "fixDrift"),
  };
}

function readHosts(serve: Serve, body: unknown): readonly Host[] {
  const { hosts } = serve.fleet();
  const names = textsOf(fieldsOf(body, "hosts"), "hosts");
  const chosen = names === null ? serve.reachableHosts() : names.map((name) => serve.host(name));
  if (chosen.length === 0)
    throw names === null && Object.keys(hosts).length > 0
      ? badRequest("No host can be reached from here", "Give hosts a target")
      : notFound("host", "");
  return chosen;
}

function readPower(serve: Serve, body: unknown): PowerRequest {
  const fields = fieldsOf(body, "action", "instances", "force");
  const action = textOf(fields, "action");
  if (action !== "start" && action !== "stop" && action !== "restart")
    throw badRequest('The field "action" must be start, stop or restart');
  const instances = addressesIn(serve.fleet(), textsOf(fields, "instances") ?? []);
  return { action, instances, force: flagOf(fields, "force") };
}

function readImages(body: unknown) {
  const { images } = fieldsOf(body, "images");
  if (!Array.isArray(images) || images.length > 1000) throw badRequest('The field "images" must be a list');
  return {
    images: images.map((image: unknown) => {
      const fields = fieldsOf(image, "server", "fingerprint");
      return { server: textOf(fields, "server"), fingerprint: textOf(fields, "fingerprint") };
    }),
  };
}
