/** The files that describe what was found: a container for each image, with its instances, and a file for each profile. Pure. */

import type { Described } from "./describe.ts";
import { freeName, type ProjectNames } from "./names.ts";
import { type Printable, printTypeScript } from "./typescript.ts";

export interface DescribedInstance extends Described {
  readonly name: string;
  /** What the container is made of: an alias on the server, or a fingerprint. */
  readonly image: { readonly fingerprint: string; readonly alias?: string | undefined } | { readonly alias: string };
}

export interface DescribedProfile {
  readonly name: string;
  readonly spec: { readonly [key: string]: Printable | undefined };
}

/** Texts by their path in the project. */
export type ProjectFiles = ReadonlyMap<string, string>;

export function projectFiles(
  instances: readonly DescribedInstance[],
  profiles: readonly DescribedProfile[],
  taken: ProjectNames,
): ProjectFiles {
  const files = new Map<string, string>();
  const names = new Set(taken);
  for (const group of byImage(instances)) {
    const [first] = group;
    if (first === undefined) continue;
    const alias = "alias" in first.image ? first.image.alias : undefined;
    const name = freeName([alias, first.name], names);
    names.add(name);
    files.set(`containers/${name}.ts`, containerFile(group));
    for (const { files: more } of group)
      for (const [path, text] of Object.entries(more)) files.set(`containers/${path}`, text);
  }
  for (const { name, spec } of profiles) files.set(`profiles/${name}.ts`, profileFile(spec));
  return files;
}

// --- internal ---

function byImage(instances: readonly DescribedInstance[]): DescribedInstance[][] {
  const groups = new Map<string, DescribedInstance[]>();
  for (const instance of instances) {
    const { image, spec } = instance;
    const key = `${"fingerprint" in image ? image.fingerprint : image.alias} ${JSON.stringify(spec["type"] ?? "")}`;
    groups.set(key, [...(groups.get(key) ?? []), instance]);
  }
  return [...groups.values()];
}

function containerFile(group: readonly DescribedInstance[]): string {
  const [first] = group;
  const image = first?.image ?? { alias: "" };
  const isVirtual = first?.spec["type"] === "virtual-machine";
  const said: Printable = "fingerprint" in image ? { fingerprint: image.fingerprint } : image.alias;
  const note =
    "fingerprint" in image && image.alias !== undefined
      ? `  // ${image.alias}, as it was when the instance was made.\n`
      : "";
  const instances = Object.fromEntries(
    group.map(({ name, spec: { type: _, ...spec } }) => [
      name,
      spec as { readonly [key: string]: Printable | undefined },
    ]),
  );
  const usesNix = group.some(({ files }) => Object.keys(files).length > 0);
  return [
    `import { container${usesNix ? ", nix" : ""} } from "floe";`,
    "",
    "export default container({",
    `${note}  image: ${printTypeScript(said, 1)},`,
    ...(isVirtual ? ['  type: "virtual-machine",'] : []),
    `  instances: ${printTypeScript(instances, 1, 1)},`,
    "});",
    "",
  ].join("\n");
}

function profileFile(spec: DescribedProfile["spec"]): string {
  return ['import { profile } from "floe";', "", `export default profile(${printTypeScript(spec, 0, 1)});`, ""].join(
    "\n",
  );
}
