import { existsSync } from "node:fs";
import { relative } from "node:path";
import {
  type CallSite,
  type ContainerDefinition,
  definition,
  type HomeDefinition,
  type HostDefinition,
  type ModuleDefinition,
  type ShellsDefinition,
} from "../authoring/definitions.ts";
import { lxcContainerImport, toNixModule } from "../authoring/record.ts";
import {
  type FlakePlace,
  type RecordedShell,
  recordFlakeValue,
  recordPackageSet,
  recordShells,
  recordSystemValue,
} from "../authoring/record-flake.ts";
import type { RecordContext } from "../authoring/recording.ts";
import { registry } from "../authoring/registry.ts";
import type { PackageSet } from "../model/fleet.ts";
import type { NixModule, NixValueTree } from "../model/nix-module.ts";
import { importFailure } from "./import-failure.ts";
import { type Problems, placeIn } from "./problems.ts";

/** Turns bodies into Nix, and follows the modules they import. */
export interface Recorder {
  /** The module of a machine or home; undefined, and a problem, when its body throws or cannot be Nix. */
  record(made: HostDefinition | ContainerDefinition | HomeDefinition, outputFile: string): NixModule | undefined;
  recordShells(made: ShellsDefinition): Readonly<Record<string, RecordedShell>>;
  /** A value of the flake; undefined where nothing was given, and, with a problem, where it cannot be Nix. */
  recordValue(value: unknown, place: FlakePlace): NixValueTree | undefined;
  /** The same of a function that is called once a system. */
  recordSystemValue(value: unknown, place: FlakePlace): NixValueTree | undefined;
  recordPackageSet(value: unknown, place: FlakePlace): PackageSet | undefined;
  /** Every TypeScript module that was imported on the way, by its source file (with `#name` where a file has several). */
  imported(): Record<string, NixModule>;
}

/** `flakeFile`: where values of the flake itself are written. */
export function openRecorder(root: string, problems: Problems, flakeFile = "flake.nix"): Recorder {
  const modules = new Map<string, { made: ModuleDefinition; module: NixModule | undefined }>();
  const keyByFile = new Map<string, string>();
  const exists = (path: string) => existsSync(path);

  /** The output file of an imported module, which is recorded when it is met first. */
  const moduleFile = (made: ModuleDefinition): string => {
    const key = moduleKey(made, root);
    const file = moduleOutput(key);
    const other = keyByFile.get(file);
    if (other !== undefined && other !== key) {
      problems.report(
        placeIn(made.source),
        ["modules", key],
        `"${other}" and "${key}" would both be written as "${file}"`,
        "Rename one of them",
      );
    } else if (!modules.has(key)) {
      keyByFile.set(file, key);
      modules.set(key, { made, module: undefined });
      modules.set(key, { made, module: attempt(made, file) });
    } else if (isOther(modules.get(key)?.made, made)) {
      const message = `"${relative(root, made.source.file)}" has several modules without a name`;
      problems.report(
        placeIn(made.source),
        ["modules", key],
        message,
        'Name each: module("name", ...), or give each a file of its own',
      );
    }
    return file;
  };

  const attempt = (
    made: HostDefinition | ContainerDefinition | HomeDefinition | ModuleDefinition,
    outputFile: string,
  ): NixModule | undefined => {
    try {
      const extraImports = made[definition] === "container" ? [lxcContainerImport] : [];
      return toNixModule(made, { root, outputFile, moduleFile, exists, extraImports });
    } catch (error) {
      reportFailure(error, made.source.file);
      return undefined;
    }
  };

  const reportFailure = (error: unknown, file: string) => {
    const { place, message, hint } = importFailure(error, file, root);
    problems.report(place, [], message, hint);
  };

  const inFlake: RecordContext = { root, outputFile: flakeFile, exists, moduleFile };
  /** What `record` gives for a value that was given; its failure is a problem. */
  const given = <T>(value: unknown, source: CallSite, record: () => T): T | undefined => {
    if (value === undefined) return undefined;
    try {
      return record();
    } catch (error) {
      reportFailure(error, source.file);
      return undefined;
    }
  };

  return {
    record: attempt,
    recordShells: (made) => given(made, made.source, () => recordShells(made, inFlake)) ?? {},
    recordValue: (value, place) => given(value, place.source, () => recordFlakeValue(value, place, inFlake)),
    recordSystemValue: (value, place) => given(value, place.source, () => recordSystemValue(value, place, inFlake)),
    recordPackageSet: (value, place) => given(value, place.source, () => recordPackageSet(value, place, inFlake)),
    imported() {
      const found = [...modules].flatMap(([key, { module }]) => (module === undefined ? [] : [[key, module] as const]));
      return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}

/** `modules/motd.ts`, or `modules/site.ts#tls` for one of several in a file; then the path of its options is a name too. */
function moduleKey(made: ModuleDefinition, root: string): string {
  const file = relative(root, made.source.file);
  const isAlone = (registry().modules.get(made.source.file)?.size ?? 1) < 2;
  const name = made.name ?? (isAlone ? undefined : made.optionPath?.join("."));
  return name === undefined || name === "" ? file : `${file}#${name}`;
}

/** `nix/modules/motd.nix`: the path without `modules/` and extension; what lies outside the project keeps the end of its path. */
function moduleOutput(key: string): string {
  const [file = "", name] = key.split("#");
  const path = file
    .replace(/^(?:\.\.\/)+/, "")
    .replace(/^(?:.*\/)?node_modules\//, "")
    .replace(/^modules\//, "")
    .replace(/\.m?[tj]s$/, "");
  return `nix/modules/${path}${name === undefined ? "" : `/${name}`}.nix`;
}

/** One file loaded twice gives equal places; two modules of one file do not. */
function isOther(known: ModuleDefinition | undefined, made: ModuleDefinition): boolean {
  return known !== undefined && (known.source.line !== made.source.line || known.source.column !== made.source.column);
}
