/**
 * Random sequences of edits, applies, rollbacks, kills and other faults, against a model of what is to be true. As many as
 * fit into half a minute; FLOE_SEQUENCES=200 runs that many. Each has a seed, and FLOE_SEED=N FLOE_SEQUENCES=1 runs it alone.
 */
import { rmSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { skipIncus } from "../support/incus.ts";
import { tinyImage } from "../support/tiny-image.ts";
import { bundleRunner } from "./faults/bundle.ts";
import { anyCommands, converge } from "./faults/commands.ts";
import { type Lab, openLab } from "./faults/lab.ts";
import { pages, Sequence } from "./faults/sequence.ts";

const wanted = process.env.FLOE_SEQUENCES === undefined ? undefined : Number(process.env.FLOE_SEQUENCES);
/** Of the first sequence; each has the next number. */
const firstSeed = Number(process.env.FLOE_SEED ?? 2026);
/** Much of the time is waiting. */
const lanes = wanted === undefined ? 2 : 4;
const enoughMs = 30_000;
const mostCommands = 7;

describe.skipIf(skipIncus())("random sequences", () => {
  const labs: Lab[] = [];
  let runner = "";
  beforeAll(async () => {
    runner = await bundleRunner("recover-runner", `sequences-${process.pid}`);
    await Promise.all(
      [...pages, "too"].flatMap((page) => [tinyImage({ page }), tinyImage({ page, broken: "silent" })]),
    );
    for (let lane = 0; lane < lanes; lane++) labs.push(await openLab());
  });
  afterAll(async () => {
    for (const lab of labs) await lab.remove();
    rmSync(runner, { force: true });
  });

  test("the service is what the model says, and nothing is lost", { timeout: 7_200_000 }, async () => {
    const begin = Date.now();
    const tally = new Map<string, number>();
    const failures: unknown[] = [];
    let next = 0;
    const isEnough = (): boolean => (wanted === undefined ? Date.now() - begin > enoughMs : next >= wanted);
    await Promise.all(
      labs.map(async (lab) => {
        const bystander = await standBy(lab);
        while (!isEnough()) {
          const seed = firstSeed + next++;
          const failure = await runSequence(lab, seed, runner, tally);
          expect(await bystander()).toBe("untouched");
          if (failure !== undefined) failures.push(failure);
        }
      }),
    );
    const seconds = Math.round((Date.now() - begin) / 1000);
    const what = [...tally].map(([word, count]) => `${count} ${word}`).join(", ");
    console.info(`${next} random sequences from seed ${firstSeed} on, in ${seconds} s: ${what}`);
    expect(failures).toEqual([]);
    expect(next).toBeGreaterThan(0);
  });
});

// --- internal ---

/** Answers what went wrong, and the words of the sequence. */
async function runSequence(
  lab: Lab,
  seed: number,
  runner: string,
  tally: Map<string, number>,
): Promise<Error | undefined> {
  const [commands = []] = fc.sample(anyCommands(mostCommands), { seed, numRuns: 1 });
  let begun: Sequence | undefined;
  try {
    const { model, real } = await Sequence.begin(lab, { name: `s${seed}`, runner, tally });
    begun = real;
    await fc.asyncModelRun(() => ({ model, real }), commands);
    await converge(model, real);
    return undefined;
  } catch (error) {
    const words = `FLOE_SEED=${seed} FLOE_SEQUENCES=1: ${commands}`;
    console.error(`${words}\n${(error as Error).message}`);
    return new Error(words, { cause: error });
  } finally {
    await begun?.end();
  }
}

/** Somebody else's instance and volume, beside everything that floe does. Answers how to find out whether they are as they were. */
async function standBy(lab: Lab): Promise<() => Promise<string>> {
  const { client, pool } = lab;
  const image = await tinyImage({ page: "bystander" });
  await client.uploadImage("default", image);
  await client.request("POST", `/1.0/storage-pools/${pool}/volumes/custom`, { name: "bystander-data" });
  await client.createInstance("default", {
    name: "bystander",
    type: "container",
    profiles: ["default"],
    config: {},
    devices: { data: { type: "disk", path: "/data", pool, source: "bystander-data" } },
    source: { type: "image", fingerprint: image.fingerprint },
  });
  await client.setInstanceState("default", "bystander", "start");
  const look = async (): Promise<string> => {
    const found = await client.getInstance("default", "bystander");
    const { pid } = await client.getInstanceState("default", "bystander");
    const volume = await lab.ask("GET", `/1.0/storage-pools/${pool}/volumes/custom/bystander-data`);
    const there = (await client.getImage("default", image.fingerprint)) !== undefined;
    return JSON.stringify([pid, found?.value.config, found?.value.devices, volume, there]);
  };
  const before = await look();
  return async () => {
    const now = await look();
    return now === before ? "untouched" : `${before} became ${now}`;
  };
}
