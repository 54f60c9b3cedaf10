/** Makes the environment of a dev shell, or finds that it is still the one. */
import { lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancelledError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Derivation } from "../model/evaluation.ts";
import { nixArgv } from "../nix/args.ts";
import { evaluatedFolder } from "../nix/existing-flake.ts";
import type { NixTool } from "../nix/find.ts";
import { readNixLog } from "../nix/log-reader.ts";
import { checkNetwork } from "../nix/network.ts";
import type { Emit } from "../report/events.ts";
import { isRecord, readCache, writeFileWhole } from "../util/files.ts";
import { shellFolder } from "./cached.ts";
import { bashOf, envFile, readDevEnv } from "./dev-env.ts";
import { enterScript, startFiles } from "./scripts.ts";

export interface MakeShell {
  readonly nix: NixTool;
  readonly root: string;
  readonly name: string;
  /** It is entered when no name is given. */
  readonly isDefault: boolean;
  readonly derivation: Derivation;
  /** When the project was looked at, before anything of it was read: milliseconds since the epoch. */
  readonly lookedAt: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** @throws NixError when what the shell needs cannot be built, CancelledError */
export async function makeShell(options: MakeShell): Promise<void> {
  const { root, name, derivation, lookedAt } = options;
  const folder = shellFolder(root, name);
  const known = readCache(join(folder, "made.json"));
  const isMade = isRecord(known) && known["drvPath"] === derivation.drvPath && isWhole(folder);
  if (!isMade) {
    const env = readDevEnv(await printDevEnv(options, folder));
    writeFileWhole(join(folder, "env.bash"), envFile(env, { name, root }));
    writeFileWhole(join(folder, "bash"), `${bashOf(env) ?? "bash"}\n`);
    for (const [file, text] of Object.entries(startFiles)) writeFileWhole(join(folder, file), text);
    writeFileWhole(join(folder, "made.json"), JSON.stringify({ drvPath: derivation.drvPath }));
  }
  setStamp(join(folder, "stamp"), lookedAt);
  if (options.isDefault && name !== "default") link(shellFolder(root), encodeURIComponent(name));
  writeFileWhole(join(root, ".floe", "shells", "enter"), enterScript(root, evaluatedFolder(root)));
}

// --- internal ---

/** The file system's clock may be a little behind the process'. */
const lagMs = 20;
/** Roots of environments that were left a moment ago: somebody may be in them. */
const keptRoots = 2;

function isWhole(folder: string): boolean {
  return ["env.bash", "bash", "profile"].every((file) => lstatSync(join(folder, file), { throwIfNoEntry: false }));
}

/** Builds what the shell needs, with `profile` as its GC root; answers nix's JSON. */
async function printDevEnv({ nix, derivation, name, emit, signal }: MakeShell, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const network = await checkNetwork(nix);
  const log = readNixLog(emit);
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, network),
    ...["--log-format", "internal-json", "print-dev-env", "--json", "--profile", join(folder, "profile")],
    derivation.drvPath,
  ];
  const result = await run(argv, { plainLocale: true, signal, onStderrLine: log.onLine });
  if (signal.aborted) throw new CancelledError(`Cancelled while the shell "${name}" was made`);
  if (result.exitCode !== 0) {
    const said = log.errors.map(({ text }) => text).join("\n") || log.text();
    throw new NixError(`Cannot make the shell "${name}": ${said.trim()}`, {
      hint: "floe shell --now enters it as it was before, where it was made before",
      details: { phase: "shell", argv, exitCode: result.exitCode },
    });
  }
  dropOldRoots(folder);
  return result.stdout;
}

/** nix numbers the generations of a profile: `profile-3-link`. */
function dropOldRoots(folder: string): void {
  const numbered = readdirSync(folder).flatMap((file) => {
    const number = Number(/^profile-(\d+)-link$/.exec(file)?.[1] ?? 0);
    return number > 0 ? [{ file, number }] : [];
  });
  numbered.sort((a, b) => b.number - a.number);
  for (const { file } of numbered.slice(keptRoots)) rmSync(join(folder, file), { force: true });
}

function setStamp(path: string, lookedAt: number): void {
  writeFileSync(path, "");
  const seconds = (lookedAt - lagMs) / 1000;
  utimesSync(path, seconds, seconds);
}

function link(path: string, target: string): void {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(target, path);
}
