import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import type { OptionDump, OptionNode } from "../../../src/types/dump.ts";
import { fleetLiterals } from "../../../src/types/fleet-literals.ts";
import { tempProject } from "../../support/temp-project.ts";

const port: OptionNode = {
  type: { kind: "unsignedInt16", description: "16 bit unsigned integer; between 0 and 65535 (both inclusive)" },
};
const dump: OptionDump = {
  version: 2,
  lock: "",
  options: { web: { options: { port } } },
  homes: { mail: { options: { port } } },
  packages: { names: [], sets: {} },
};

/** Two hosts that import one module, and a home. */
async function fleetOf(value: number) {
  const project = await tempProject({
    "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "x", inputs: { nixpkgs: "github:a/b", "home-manager": "github:a/c" }, hosts: dir("./hosts"), homes: dir("./homes") });`,
    "modules/web.ts": `import { module } from "floe"; export const web = module(() => ({ web: { port: ${value} } }));`,
    "hosts/one.ts": `import { host } from "floe"; import { web } from "../modules/web.ts"; export default host(() => ({ imports: [web], mail: { port: ${value} } }));`,
    "hosts/two.ts": `import { host } from "floe"; import { web } from "../modules/web.ts"; export default host(() => ({ imports: [web] }));`,
    "homes/me.ts": `import { home } from "floe"; export default home(() => ({ mail: { port: ${value} }, web: { port: ${value} } }));`,
  });
  const fleet = await loadFleet(project.root);
  return { fleet, project };
}

describe("fleetLiterals()", () => {
  test("names what no option takes, a module once, and homes by their own options", async () => {
    const { fleet, project } = await fleetOf(70000);
    expect(fleetLiterals(fleet, dump)).toMatchObject([
      { subject: "host one", message: '"web.port" is 70000, and must be 0 to 65535', file: "modules/web.ts" },
      { subject: "home me", message: '"mail.port" is 70000, and must be 0 to 65535', file: "homes/me.ts" },
    ]);
    await project.remove();
  });

  test("finds nothing in what is right, and nothing with the options of another flake.lock", async () => {
    const right = await fleetOf(80);
    expect(fleetLiterals(right.fleet, dump)).toEqual([]);
    await right.project.remove();
    const wrong = await fleetOf(70000);
    await wrong.project.write("flake.lock", "{}");
    expect(fleetLiterals(wrong.fleet, dump)).toEqual([]);
    await wrong.project.remove();
  });
});
