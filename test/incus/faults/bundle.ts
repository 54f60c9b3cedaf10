/** The processes that kill themselves, each as one file that starts quickly. */
import path from "node:path";
import { rolldown } from "rolldown";

const root = path.resolve(import.meta.dirname, "../../..");

/** Written beside the packages that it loads; answers its path. */
export async function bundleRunner(runner: "recover-runner" | "in-place-runner", word: string): Promise<string> {
  const file = path.join(root, "node_modules/.cache", `floe-${word}-${runner}.mjs`);
  const build = await rolldown({
    input: path.join(root, "test/incus", `${runner}.ts`),
    platform: "node",
    external: ["bufferutil", "utf-8-validate", "jiti"],
    logLevel: "silent",
  });
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}
