#!/usr/bin/env node
// @ts-check
/**
 * The steps of a plan for all hosts of the project in the current folder, as one process: load or recall, evaluate or recall, connect, observe,
 * guard, plan. Nothing is built. Prints the plan as JSON.
 */
import { setMaxListeners } from "node:events";
import path from "node:path";
import { ROOT } from "../../scripts/setup/checkout.mjs";

/** @type {typeof import("../../src/pipeline.ts")} */
const floe = await import(path.join(ROOT, "dist/pipeline.mjs"));
const project = floe.findProject(process.cwd());
const { signal } = new AbortController();
setMaxListeners(0, signal);
const work = { emit: () => {}, signal };
const namesOf = (/** @type {import("../../src/model/fleet.ts").Fleet} */ fleet) => ({
  hosts: Object.keys(fleet.hosts),
  containers: [],
  shells: [],
});

const recalled = await floe.recall(project, namesOf, work);
const prepared = recalled === undefined ? await floe.prepare(project, work) : undefined;
const fleet = (recalled ?? prepared)?.fleet;
if (fleet === undefined) throw new Error("no fleet");
const open = await floe.openHosts(fleet, Object.values(fleet.hosts), undefined, work, { asRoot: false });
try {
  const [evaluation, observed] = await Promise.all([
    recalled?.evaluation ?? floe.evaluate(fleet, namesOf(fleet), work),
    floe.observeHosts(open, work),
  ]);
  await prepared?.remember();
  const guarded = await floe.guardHosts(fleet, open, observed);
  const built = new Map(
    Object.entries(evaluation.hosts).flatMap(([name, host]) =>
      host.ok ? [[name, { system: host.value.outPath, drvPath: host.value.drvPath, isThere: false }]] : [],
    ),
  );
  const request = { action: /** @type {const} */ ("switch"), machines: open.machines, observed: guarded, built };
  const hosts = await floe.planHosts(fleet, { ...request, adopt: false, canary: false, asRoot: false }, work);
  process.stdout.write(`${JSON.stringify({ isRecalled: recalled?.evaluation !== undefined, hosts })}\n`);
} finally {
  await open.close();
}
