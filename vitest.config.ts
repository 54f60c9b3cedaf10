import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** One project a tier. The real tools share this machine, so few files run at once there. */
const alias = { floe: path.resolve(import.meta.dirname, "src/index.ts") };
const tier = (name: string, include: string, test: object) => ({
  resolve: { alias },
  test: { name, include: [include], ...test },
});

/** Files that take minutes: begun last, they would run alone at the end. The first one only waits. */
const longOnes = [
  "client-files",
  "host-faults",
  "sequences",
  "activation",
  "faults",
  "host-switch",
  "recover",
  "machine-lab",
  "journey",
  "in-place",
  "swap",
  "host",
  "plan-apply",
  "pages",
];

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longOnes.indexOf(path.basename(moduleId).split(".")[0] ?? "");
      return found < 0 ? longOnes.length : found;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongOnesFirst },
    projects: [
      // Nothing of the process is changed there: a worker of its own for each file would take three times as long.
      tier("unit", "test/unit/**/*.test.ts", { testTimeout: 5_000, isolate: false }),
      tier("cli", "test/cli/**/*.cli.test.ts", { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 3 }),
      tier("nix", "test/nix/**/*.nix.test.ts", { testTimeout: 120_000, hookTimeout: 120_000, maxWorkers: 3 }),
      // Every file has an Incus project and a fleet name of its own; most of the time is waiting.
      tier("incus", "test/incus/**/*.incus.test.ts", { testTimeout: 300_000, hookTimeout: 60_000, maxWorkers: 5 }),
      // A browser, a dashboard and a fleet a file.
      tier("browser", "test/browser/**/*.browser.test.ts", { testTimeout: 60_000, hookTimeout: 90_000, maxWorkers: 3 }),
    ],
  },
});
