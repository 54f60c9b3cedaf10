import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync, utimesSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { openTrace, recallFleet, rememberFleet, type Snapshot } from "../../../src/config/recall.ts";
import { project, writeIn } from "./project.ts";

const files = {
  "floe.config.ts": `import { dir, fleet } from "floe";
export default fleet({ name: "lab", inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" }, hosts: dir("./hosts"), containers: dir("./containers") });
`,
  "hosts/crown.ts": `import { host } from "floe";
import { motd } from "../modules/motd.ts";
export default host({ system: "x86_64-linux" }, ({ pkgs, lib }) => ({ imports: [motd], environment: { systemPackages: [pkgs.hello] }, x: { half: 0.5, no: null, list: [1, "a"] } }));
`,
  "containers/web.ts": `import { container } from "floe";
export default container({ instances: { "web-1": { ports: { 8081: 80 } } } }, {});
`,
  "modules/motd.ts": `import { module } from "floe";
export const motd = module({ users: { motd: "Hello" } });
`,
};
const floe = "this floe";
const configFile = "floe.config.ts";

describe("a fleet that is remembered", () => {
  test("comes back as it was, to the last detail", async () => {
    const { root, fleet, snapshot } = await remembered(files);
    const found = recallFleet({ root, configFile }, floe);
    expect(found?.fleet).toStrictEqual(fleet);
    expect(found?.isOf(snapshot.hash)).toBe(true);
  });

  test("is not of another snapshot, floe or place", async () => {
    const { root } = await remembered(files);
    const found = recallFleet({ root, configFile }, floe);
    expect(found?.isOf("another")).toBe(false);
    expect(recallFleet({ root, configFile }, "another floe")).toBeUndefined();
    expect(recallFleet({ root, configFile: "floe.config.mts" }, floe)).toBeUndefined();
  });

  test("is not of a project with one more file of definitions, which git may ignore", async () => {
    const { root, snapshot } = await remembered(files);
    writeIn(root, "containers/secret.ts", files["containers/web.ts"]);
    expect(recallFleet({ root, configFile }, floe)?.isOf(snapshot.hash)).toBe(false);
  });

  test("is of no use to a floe that does not know what it was built from", async () => {
    const { root } = await remembered(files);
    expect(recallFleet({ root, configFile })).toBeUndefined();
  });
});

const seeded = {
  ...files,
  "containers/web.ts": `import { container, nix } from "floe";
export default container({ instances: { "web-1": { cloudInit: { userData: nix.path("./seed.yaml") } } } }, {});
`,
  "containers/seed.yaml": "#cloud-config\n",
};

test("a fleet with a file that is data is remembered with it", async () => {
  const { root, fleet } = await remembered(seeded);
  expect(recallFleet({ root, configFile }, floe)?.fleet).toStrictEqual(fleet);
});

describe("a fleet is not remembered", () => {
  test("when a file that is data is not in the snapshot", async () => {
    const { root } = await remembered(seeded, { without: "containers/seed.yaml" });
    expect(isKept(root)).toBe(false);
  });

  test("when a file that is data changed since it was read", async () => {
    const { root } = await remembered(seeded, {
      afterLoad: (folder) => writeIn(folder, "containers/seed.yaml", "#cloud-config\nhostname: x\n"),
    });
    expect(isKept(root)).toBe(false);
  });

  test("when a module that is imported on the way sees the clock", async () => {
    const { root } = await remembered({
      ...files,
      "modules/motd.ts": `import { module } from "floe";\nexport const motd = module({ users: { motd: String(new Date()) } });\n`,
    });
    expect(isKept(root)).toBe(false);
  });

  test("when the snapshot lacks a file of its code", async () => {
    const { root } = await remembered(files, { without: "modules/motd.ts" });
    expect(isKept(root)).toBe(false);
  });

  test("when a file changed after it was loaded", async () => {
    const { root } = await remembered(files, {
      afterLoad: (folder) => writeIn(folder, "containers/web.ts", files["containers/web.ts"].replace("8081", "8082")),
    });
    expect(isKept(root)).toBe(false);
  });

  test("when a file was touched after it was loaded, whatever its time says", async () => {
    const { root } = await remembered(files, {
      afterLoad: (folder) => {
        writeIn(folder, "containers/web.ts", files["containers/web.ts"]);
        utimesSync(join(folder, "containers/web.ts"), 1, 1);
      },
    });
    expect(isKept(root)).toBe(false);
  });

  test("when the flake files on disk are others", async () => {
    const { root } = await remembered(files, { generated: new Map([["flake.nix", "{ }"]]) });
    expect(isKept(root)).toBe(false);
  });

  test("when JSON cannot hold it", async () => {
    const { root } = await remembered({
      ...files,
      "containers/web.ts": `import { container } from "floe";\nexport default container({}, { big: 9007199254740993n });\n`,
    });
    expect(isKept(root)).toBe(false);
  });

  test("when its code lies behind a link", async () => {
    const { root } = await remembered(
      { ...files, "shared/db.ts": files["containers/web.ts"].replace("web-1", "db-1").replace("8081", "8082") },
      { beforeLoad: (folder) => symlinkSync("../shared/db.ts", join(folder, "containers/db.ts")) },
    );
    expect(isKept(root)).toBe(false);
  });
});

interface Circumstances {
  readonly beforeLoad?: (root: string) => void;
  readonly afterLoad?: (root: string) => void;
  readonly without?: string;
  readonly generated?: ReadonlyMap<string, string>;
}

/** A project that is loaded and, if floe dares, remembered. */
async function remembered(
  texts: Readonly<Record<string, string>>,
  { beforeLoad, afterLoad, without, generated = new Map() }: Circumstances = {},
) {
  const root = realpathSync(project(texts));
  // The files are to be older than the load by more than the clock of a file system is wrong.
  await new Promise((resolve) => setTimeout(resolve, 150));
  const trace = openTrace();
  beforeLoad?.(root);
  const fleet = await loadFleet(root, { trace });
  afterLoad?.(root);
  const snapshot = snapshotOf(root, without);
  await rememberFleet(fleet, trace, snapshot, generated, floe);
  return { root, fleet, snapshot, trace };
}

function isKept(root: string): boolean {
  return existsSync(join(root, ".floe/cache/fleet.json"));
}

/** As `stageProject` makes it. */
function snapshotOf(root: string, without?: string): Snapshot {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes(".floe"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => relative(root, file) !== without)
    .map((file) => [relative(root, file), { hash: sha256(readFileSync(file)) }] as const);
  return { hash: sha256(JSON.stringify(entries)), files: Object.fromEntries(entries) };
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
