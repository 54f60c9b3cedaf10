import { relative, resolve } from "node:path";
import { FloeError, UsageError } from "../../errors.ts";
import { type Base, type InitResult, initProject } from "../../init/init-project.ts";
import { linkFloe } from "../../init/link-floe.ts";
import type { Fleet } from "../../model/fleet.ts";
import { findProject, load, refreshTypes, type Work, writeFlake } from "../../pipeline.ts";
import { typedWord } from "../../util/quote-word.ts";
import { canAsk, choose } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { document, toJsonLine } from "../render/json.ts";
import { type Colors, colorsFor } from "../render/style.ts";
import { alignColumns } from "../render/table.ts";
import { counted } from "../render/words.ts";

export interface InitFlags extends GlobalFlags {
  readonly firn: boolean;
  readonly nixpkgs: boolean;
}

export async function init(this: Cli, flags: InitFlags, dir?: string): Promise<void> {
  const folder = resolve(this.cwd, dir ?? flags.project ?? ".");
  const made = initProject(folder, await decideBase(this, flags));
  const work = { emit: () => {}, signal: this.signal };
  const fleet = await load(findProject(made.folder), work);
  const { missing, changed } = await writeFlake(fleet, work);
  const result: Started = {
    ...made,
    generated: [...missing, ...changed].sort(),
    linked: linkFloe(made.folder),
    typed: made.base === "firn" && (await readTypes(fleet, work)),
  };
  const { stdout } = this.process;
  stdout.write(
    flags.json
      ? toJsonLine(document("init", result))
      : renderInit(result, this.cwd, colorsFor(stdout, this.env, flags.noColor)),
  );
}

interface Started extends InitResult {
  /** Flake files that were written, relative to the project: it can be checked and evaluated at once. */
  readonly generated: readonly string[];
  /** True when `node_modules/floe` was made a link to this floe. */
  readonly linked: boolean;
  /** True when the editor knows the options already. Not on nixpkgs, which would have to be fetched first: `floe check` does it. */
  readonly typed: boolean;
}

/** A project without types is as good a beginning: the machine may have no nix yet. */
async function readTypes(fleet: Fleet, work: Work): Promise<boolean> {
  try {
    await refreshTypes(fleet, {}, work);
    return true;
  } catch (error) {
    if (error instanceof FloeError && error.exitCode !== 130) return false;
    throw error;
  }
}

/** As told; else by asking; else firn, which works everywhere. */
async function decideBase(cli: Cli, flags: InitFlags): Promise<Base> {
  if (flags.firn && flags.nixpkgs) throw new UsageError("--firn and --nixpkgs exclude each other");
  if (flags.firn) return "firn";
  if (flags.nixpkgs) return "nixpkgs";
  if (flags.yes || flags.json || !canAsk(cli)) return "firn";
  return choose<Base>(cli, "What shall the project build on?", [
    { value: "firn", label: "firn", hint: "small, comes with floe, no network: to try floe" },
    { value: "nixpkgs", label: "nixpkgs", hint: "the real thing, downloads a lot" },
  ]);
}

function renderInit(
  { folder, base, written, kept, generated, linked, typed }: Started,
  cwd: string,
  colors: Colors,
): string {
  const shown = written.filter((file) => !file.startsWith("firn/"));
  const ofFirn = written.length - shown.length;
  const where = relative(cwd, folder) || ".";
  const path = where.startsWith("..") ? folder : where;
  const steps: (readonly [string, string])[] = [
    ...(path === "." ? [] : [[`cd ${typedWord(path)}`, ""] as const]),
    ...(base === "firn"
      ? [["sh firn/add-base.sh .floe/roots", "put the base's programs into the Nix store"] as const]
      : []),
    ["floe doctor", "is this machine ready?"],
    [
      "floe check",
      `types, flake and evaluation; --watch does it after each edit${base === "firn" ? "" : ". Fetches nixpkgs first"}`,
    ],
    ["floe plan", "what would be made"],
    ["floe apply", "make it"],
  ];
  return [
    `A project on ${colors.bold(base)} is in ${colors.bold(path)}`,
    ...shown.map((file) => `  ${colors.green("+")} ${file}`),
    ...(ofFirn > 0 ? [`  ${colors.green("+")} firn/ (${counted(ofFirn, "file")})`] : []),
    ...(generated.length > 0
      ? [`  ${colors.green("+")} flake.nix and nix/ (written from these; commit them too)`]
      : []),
    ...(linked ? [`  ${colors.green("+")} node_modules/floe (a link to this floe, until npm install)`] : []),
    ...(typed ? [`  ${colors.green("+")} .floe/types (the options and packages there are, for the editor)`] : []),
    ...(kept.length > 0 ? [`  ${colors.dim(`${counted(kept.length, "file")} there already, unchanged`)}`] : []),
    "",
    colors.bold("Next"),
    ...alignColumns(
      steps.map(([command, what]) => [`  ${colors.cyan(command)}`, what]),
      3,
    ),
    "",
  ].join("\n");
}
