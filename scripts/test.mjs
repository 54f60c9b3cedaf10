#!/usr/bin/env node
// @ts-check
/**
 * npm test: sets up the real Nix and a private Incus, builds floe, and runs every tier against them.
 *
 *   npm test                          every tier
 *   npm test -- --tier nix            one tier; can be given again
 *   npm test -- --tier unit -- -t x   the rest goes to vitest
 *
 * A tier whose tools are missing is skipped, loudly. FLOE_REQUIRE=nix,incus,browser makes that a failure.
 * The last line is "N passed, N failed", with ", N skipped" where there are any.
 */
import { parseArgs } from "node:util";
import { ROOT } from "./setup/checkout.mjs";
import { ensureNodePackages } from "./setup/node-packages.mjs";
import { runMain, SetupError } from "./setup/say.mjs";
import { add, describeCounts, NOTHING, runTier, TIERS } from "./test/tiers.mjs";
import { setUpTools } from "./test/tools.mjs";

await runMain(async () => {
  const { tiers, vitestArgs } = parse();
  ensureNodePackages(ROOT);
  const needs = new Set(tiers.flatMap((tier) => tier.needs));
  const tools = await setUpTools(needs);
  try {
    let total = NOTHING;
    for (const tier of tiers) {
      const counts = await runTier(tier, tools, vitestArgs);
      total = add(total, counts);
      process.stdout.write(`${tier.name.padEnd(6)} ${describeCounts(counts)}\n`);
    }
    await tools.release();
    process.stdout.write(`${describeCounts(total)}\n`);
    return total.failed === 0 ? 0 : 1;
  } finally {
    await tools.release();
  }
});

function parse() {
  const end = process.argv.indexOf("--", 2);
  const own = process.argv.slice(2, end === -1 ? undefined : end);
  const { values } = parseArgs({ args: own, options: { tier: { type: "string", multiple: true } } });
  const unknown = values.tier?.find((name) => !TIERS.some((tier) => tier.name === name));
  if (unknown !== undefined)
    throw new SetupError(
      `There is no tier "${unknown}"`,
      `The tiers are: ${TIERS.map((tier) => tier.name).join(", ")}`,
    );
  return {
    tiers: TIERS.filter((tier) => values.tier?.includes(tier.name) ?? true),
    vitestArgs: end === -1 ? [] : process.argv.slice(end + 1),
  };
}
