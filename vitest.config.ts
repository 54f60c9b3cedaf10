import path from "node:path";
import { defineConfig } from "vitest/config";

/** One project a tier. The real tools share this machine, so few files run at once there. */
const alias = { floe: path.resolve(import.meta.dirname, "src/index.ts") };
const tier = (name: string, include: string, test: object) => ({
  resolve: { alias },
  test: { name, include: [include], ...test },
});

export default defineConfig({
  test: {
    projects: [
      tier("unit", "test/unit/**/*.test.ts", { testTimeout: 5_000 }),
      tier("cli", "test/cli/**/*.cli.test.ts", { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 }),
      tier("nix", "test/nix/**/*.nix.test.ts", { testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 2 }),
      // Every file has an Incus project and a fleet name of its own; most of the time is waiting.
      tier("incus", "test/incus/**/*.incus.test.ts", { testTimeout: 300_000, hookTimeout: 60_000, maxWorkers: 3 }),
    ],
  },
});
