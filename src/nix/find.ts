import { accessSync, constants, readFileSync, realpathSync, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { MissingError, NixError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { isRecord, readCache, writeCache } from "../util/files.ts";
import { featuresOf, isTooOld, type NixFeatures, OLDEST_NIX, parseNixVersion } from "./version.ts";

/** The nix that floe drives. */
export interface NixTool {
  /** Absolute path of the command. */
  readonly command: string;
  /** For example `2.34.8`. */
  readonly version: string;
  readonly features: NixFeatures;
  /** Where floe keeps what it learned about this nix and its network: `.floe/cache` of the project. */
  readonly cacheDir: string;
}

/**
 * Finds nix: `$FLOE_NIX`, else the first `nix` on the PATH. Its version is asked once and remembered until the program changes.
 * @throws MissingError when there is none, or it is older than 2.8.
 */
export async function findNix(options: {
  readonly cacheDir: string;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<NixTool> {
  const env = options.env ?? process.env;
  const wanted = env["FLOE_NIX"] || "nix";
  const command = locate(wanted, env["PATH"] ?? "");
  if (command === undefined) {
    throw new MissingError(
      `Cannot find nix: there is no program "${wanted}"${wanted === "nix" ? " on the PATH" : ""}`,
      {
        hint: env["FLOE_NIX"] ? "Set FLOE_NIX to the nix command, or unset it" : installHint(),
      },
    );
  }
  const version = await versionOf(command, options.cacheDir);
  if (isTooOld(version)) {
    throw new MissingError(`Cannot use nix ${version} at "${command}": floe needs ${OLDEST_NIX} or newer`, {
      hint: installHint(),
    });
  }
  return { command, version, features: featuresOf(version), cacheDir: options.cacheDir };
}

/** How to get nix on this machine. */
export function installHint(): string {
  const system = systemIds();
  if (system.includes("nixos"))
    return "Put `nix.package` of a supported release into the configuration of this machine";
  if (system.includes("debian")) return "Install it with: apt-get install nix-bin";
  if (system.includes("arch")) return "Install it with: pacman -S nix";
  if (system.includes("fedora")) return "Install it with: dnf install nix";
  return "Install it as https://nixos.org/download describes";
}

// --- internal ---

function locate(wanted: string, path: string): string | undefined {
  const candidates = wanted.includes("/")
    ? [resolve(wanted)]
    : path.split(delimiter).map((folder) => resolve(folder || ".", wanted));
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function versionOf(command: string, cacheDir: string): Promise<string> {
  const file = join(cacheDir, "nix.json");
  const real = realpathSync(command);
  const { mtimeMs, size } = statSync(real);
  const key = `${real} ${mtimeMs} ${size}`;
  const cached = readCache(file);
  if (isRecord(cached) && cached["key"] === key && typeof cached["version"] === "string") return cached["version"];
  const result = await run([command, "--version"], { plainLocale: true, timeoutMs: 30_000 });
  const version = result.exitCode === 0 ? parseNixVersion(result.stdout) : undefined;
  if (version === undefined) {
    const said = (result.stderr || result.stdout).trim() || "nothing";
    throw new NixError(`Cannot read the version of "${command}": it printed ${JSON.stringify(said)}`, {
      details: { phase: "version", argv: result.argv, exitCode: result.exitCode },
    });
  }
  writeCache(file, { key, version });
  return version;
}

/** `ID` and `ID_LIKE` of this Linux. */
function systemIds(): string[] {
  try {
    const release = readFileSync("/etc/os-release", "utf8");
    return [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap((match) => (match[1] as string).split(" "));
  } catch {
    return [];
  }
}
