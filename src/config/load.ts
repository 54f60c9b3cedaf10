import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { CallSite } from "../authoring/definitions.ts";
import { ConfigError } from "../errors.ts";
import type { Fleet } from "../model/fleet.ts";
import { type CollectContext, collectDefinitions, collectFile, isOfKind } from "./collect.ts";
import { contain } from "./contain.ts";
import { type ReadFleet, readFleet } from "./fleet-spec.ts";
import { importFailure } from "./import-failure.ts";
import { openImporter } from "./importer.ts";
import { Problems, placeIn } from "./problems.ts";
import { projectIn } from "./project-above.ts";
import { textReader } from "./read-text.ts";
import { type LoadTrace, openTrace } from "./recall.ts";
import { type Definitions, toFleet } from "./to-fleet.ts";

export interface LoadOptions {
  /** What `import ... from "floe"` gives the user's files; default: the users' functions of `authoring/`. */
  readonly face?: object;
  /** Filled with what was looked at. */
  readonly trace?: LoadTrace;
  /** Babel plugins for the compilation of the user's files. */
  readonly plugins?: readonly unknown[];
}

/**
 * The fleet that the project in `root` describes, with every default filled in.
 * @throws ConfigError that tells all problems of the project at once; `details.problems` lists them.
 */
export async function loadFleet(root: string, options: LoadOptions = {}): Promise<Fleet> {
  const project = projectIn(root);
  if (project === undefined) {
    throw new ConfigError(`Cannot find a floe.config.ts in "${root}"`, {
      hint: "Start a project there with `floe init`",
    });
  }
  const problems = new Problems(project.root);
  const face = options.face ?? (await import("../authoring/index.ts"));
  const importer = await openImporter(project.root, project.configFile, face, problems, options.plugins);
  const trace = options.trace ?? openTrace();
  const rejected = (error: unknown) => {
    const { place, message, hint } = importFailure(error, join(project.root, project.configFile), project.root);
    problems.report(place, [], message, hint);
  };
  const fleet = await contain(project.root, rejected, () =>
    read({ root: project.root, importer, problems, trace }, project.configFile),
  );
  problems.throwIfAny();
  if (fleet === undefined) throw new ConfigError(`Cannot read "${project.configFile}"`);
  return fleet;
}

/** Undefined only when floe.config.ts itself does not give a fleet, which is a problem then. */
async function read(context: CollectContext, configFile: string): Promise<Fleet | undefined> {
  const made = await collectFile("fleet", join(context.root, configFile), context);
  if (made === undefined) return undefined;
  const spec = readFleet(made, context.root, context.problems, context.trace);
  const hosts = await collectDefinitions("host", { value: spec.hosts, source: made.source }, context);
  const containers = await collectDefinitions("container", { value: spec.containers, source: made.source }, context);
  const homes = await collectDefinitions("home", { value: spec.homes, source: made.source }, context);
  const profiles = await collectDefinitions("profile", { value: spec.profiles, source: made.source }, context);
  const shells = await collectShells(spec.shells, made.source, context);
  return toFleet(
    { root: context.root, configFile, definition: made, spec, hosts, containers, homes, profiles, shells },
    context.problems,
    textReader(context.root, context.trace),
  );
}

/** The dev shells: a definition, the path of the file that exports it, or one by one. */
async function collectShells(
  shells: ReadFleet["shells"],
  source: CallSite,
  context: CollectContext,
): Promise<Definitions["shells"]> {
  if (shells === undefined || isOfKind("shells", shells)) return shells;
  if (typeof shells === "object") return collectDefinitions("shell", { value: shells, source }, context);
  const place = placeIn(source, ["shells"]);
  const file = resolve(context.root, shells);
  if (existsSync(file) && !relative(context.root, file).startsWith("..")) return collectFile("shells", file, context);
  context.problems.report(place, ["shells"], `Cannot find the file "${shells}" of "shells" in the project`);
  return undefined;
}
