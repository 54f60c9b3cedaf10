/** Where a tool is: pinned by the project, from its flake or its node_modules, else on the PATH. */
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { MissingError } from "../errors.ts";
import { run } from "../exec/run.ts";
import type { Tool } from "../model/tooling.ts";
import { nixArgv } from "../nix/args.ts";
import { findNix } from "../nix/find.ts";
import { checkNetwork } from "../nix/network.ts";
import { stagedProject } from "../nix/stage.ts";
import { readCache, readText, writeCache } from "../util/files.ts";
import { sha256 } from "../util/sha256.ts";

export interface ToolPlace {
  readonly root: string;
  readonly cacheDir: string;
  /** The name of the flake's input that packages come from; undefined where it has none that is locked. */
  readonly nixpkgs: string | undefined;
  readonly signal: AbortSignal;
}

/** The absolute path of a tool's program. @throws MissingError that says how to get it */
export async function findTool(tool: Tool, place: ToolPlace): Promise<string> {
  const own = join(place.root, "node_modules", ".bin", tool.program);
  if (isProgram(own)) return own;
  const found = (await fromFlake(tool, place)) ?? onPath(tool.program);
  if (found !== undefined) return found;
  throw new MissingError(`There is no ${tool.name}: no program "${tool.program}" is on the PATH`, {
    hint: tool.hint,
  });
}

/** Where it would be found, without building anything; `nixpkgs`: the flake's packages may have it, and are asked when it is first used. */
export function placeOfTool(
  tool: Tool,
  { root, nixpkgs }: Pick<ToolPlace, "root" | "nixpkgs">,
): "here" | "nixpkgs" | undefined {
  if (isProgram(join(root, "node_modules", ".bin", tool.program)) || onPath(tool.program) !== undefined) return "here";
  return tool.package !== undefined && nixpkgs !== undefined && existsSync(join(root, "flake.lock"))
    ? "nixpkgs"
    : undefined;
}

/** Changes when the program does. */
export function identityOf(program: string): string {
  const path = realpathSync(program);
  const { mtimeMs, size } = statSync(path);
  return path.startsWith("/nix/store/") ? path : `${path} ${mtimeMs} ${size}`;
}

// --- internal ---

/** What was found for a lock file holds as long as the lock file does; that nothing was found is asked again. */
async function fromFlake(tool: Tool, { root, cacheDir, nixpkgs, signal }: ToolPlace): Promise<string | undefined> {
  const lock = readText(join(root, "flake.lock"));
  if (tool.package === undefined || nixpkgs === undefined || lock === undefined) return undefined;
  const file = join(cacheDir, "tools.json");
  const key = sha256(`${nixpkgs}\0${tool.package}\0${lock}`);
  const known = readCache(file) as Readonly<Record<string, string>> | undefined;
  const before = known?.[tool.package];
  const program = (path: string): string => join(path, "bin", tool.program);
  if (before?.startsWith(`${key} `) && isProgram(program(before.slice(key.length + 1))))
    return program(before.slice(key.length + 1));
  const path = await build(tool.package, { root, cacheDir, nixpkgs, signal });
  if (path === undefined || !isProgram(program(path))) return undefined;
  writeCache(file, { ...known, [tool.package]: `${key} ${path}` });
  return program(path);
}

/** Kept as a GC root. Undefined when nix cannot: without a network, or when that nixpkgs has no such package. */
async function build(
  attribute: string,
  { root, cacheDir, nixpkgs, signal }: ToolPlace & { readonly nixpkgs: string },
): Promise<string | undefined> {
  const nix = await findNix({ cacheDir }).catch(() => undefined);
  if (nix === undefined) return undefined;
  const flake = `path:${stagedProject(root)}`;
  const argv: [string, ...string[]] = [
    ...nixArgv(nix, await checkNetwork(nix)),
    ...["build", "--json", "--out-link", join(root, ".floe", "roots", `tool-${attribute}`)],
    ...["--inputs-from", flake, `${nixpkgs}#${attribute}`],
  ];
  const result = await run(argv, { plainLocale: true, signal });
  if (result.exitCode !== 0) return undefined;
  const [built] = JSON.parse(result.stdout) as { outputs: Readonly<Record<string, string>> }[];
  const paths = Object.values(built?.outputs ?? {});
  return paths.find((path) => existsSync(join(path, "bin"))) ?? paths[0];
}

function onPath(program: string): string | undefined {
  if (program.includes("/")) return isProgram(program) ? program : undefined;
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, program))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
