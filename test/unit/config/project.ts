import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { loadFleet } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/errors.ts";
import type { Fleet, Instance } from "../../../src/model/fleet.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A project on disk with these files, removed after the file's tests. */
export function project(files: Readonly<Record<string, string>>): string {
  const root = join(mkdtempSync(join(tmpdir(), `floe-project-${process.pid}-`)), "home");
  made.push(dirname(root));
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) writeIn(root, path, text);
  return root;
}

export function writeIn(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const config = `import { dir, fleet } from "floe";

export default fleet({
  inputs: { nixpkgs: "github:nixos/nixpkgs/nixos-26.05" },
  incus: { local: {}, crown: { url: "https://crown.lan:8443" } },
  containers: dir("./containers"),
});
`;

/** A project with one container whose first argument is this text; other files may be added or replaced. */
export function withSpec(spec: string, files: Readonly<Record<string, string>> = {}): string {
  return project({ "floe.config.ts": config, "containers/web.ts": containerFile(spec), ...files });
}

/** A project with the container "web" and its instance "web-1", whose keys are this text. */
export function withInstance(keys: string, files: Readonly<Record<string, string>> = {}): string {
  return withSpec(`{\n  instances: {\n    "web-1": { ${keys} },\n  },\n}`, files);
}

export function containerFile(spec: string): string {
  return `import { container } from "floe";\n\nexport default container(${spec}, {});\n`;
}

export function oneInstance(fleet: Fleet): Instance {
  const [instance] = Object.values(fleet.containers).flatMap((container) => Object.values(container.instances));
  if (instance === undefined) throw new Error("The fleet has no instance");
  return instance;
}

/** What a person is told when the project is loaded: place, message, hint and frame. */
export async function complaint(root: string): Promise<string> {
  const error: unknown = await loadFleet(root).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ConfigError))
    throw new Error(`Expected a ConfigError, got ${String(error)}`, { cause: error });
  const place = error.at === undefined ? [] : [`${error.at.file}:${error.at.line}:${error.at.column}`];
  const frame =
    typeof error.details["frame"] === "string" && error.details["frame"] !== "" ? [error.details["frame"]] : [];
  const hint = error.hint === undefined ? [] : [`hint: ${error.hint}`];
  return [...place, error.message, ...hint, ...frame].join("\n");
}
