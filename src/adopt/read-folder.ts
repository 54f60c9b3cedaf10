/**
 * What people keep beside Incus by hand: profiles as `incus profile show` writes them, seeds of cloud-init, and which instance is made
 * of which image.
 *
 *     NAME.yaml                              a profile (it has `config` or `devices`)
 *     instances.yaml, images.json, …         a map `INSTANCE: IMAGE`: every value is the alias of an image
 *     NAME.user-data[.yaml], NAME/user-data  seeds of the instance NAME; likewise vendor-data and network-config
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError } from "../errors.ts";
import type { DeviceMap, StringMap } from "../incus/types.ts";

export interface FolderProfile {
  readonly name: string;
  readonly description: string;
  readonly config: StringMap;
  readonly devices: DeviceMap;
}

export interface InFolder {
  readonly profiles: readonly FolderProfile[];
  /** Instance to the alias of its image. */
  readonly images: Readonly<Record<string, string>>;
  /** Instance to config keys of cloud-init. */
  readonly seeds: Readonly<Record<string, StringMap>>;
  /** Files that are none of these. */
  readonly unknown: readonly string[];
}

/** @throws ConfigError for a folder that cannot be read, or a file that is not what its name says */
export async function readFolder(folder: string): Promise<InFolder> {
  const profiles: FolderProfile[] = [];
  const images: Record<string, string> = {};
  const seeds: Record<string, Record<string, string>> = {};
  const unknown: string[] = [];
  for (const file of filesIn(folder)) {
    const text = readFileSync(join(folder, file), "utf8");
    const seed = seedOf(file);
    if (seed !== undefined) {
      seeds[seed.instance] = { ...seeds[seed.instance], [`cloud-init.${seed.kind}`]: text };
      continue;
    }
    const value = /\.(ya?ml|json)$/i.test(file) ? await parse(text, join(folder, file)) : undefined;
    if (isProfile(value)) profiles.push(toProfile(value, file));
    else if (isMap(value)) Object.assign(images, value);
    else unknown.push(file);
  }
  return { profiles, images, seeds, unknown };
}

// --- internal ---

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) => {
        if (entry.name.startsWith(".")) return [];
        if (!entry.isDirectory()) return [entry.name];
        return readdirSync(join(folder, entry.name)).map((name) => `${entry.name}/${name}`);
      })
      .sort();
  } catch (cause) {
    throw unreadable(folder, cause as NodeJS.ErrnoException);
  }
}

function unreadable(folder: string, cause: NodeJS.ErrnoException): ConfigError {
  const hint = "--from wants the folder in which you keep profiles, seeds and lists of images";
  const options = { cause, hint };
  if (cause.code === "ENOENT") return new ConfigError(`There is no folder "${folder}"`, options);
  if (cause.code === "ENOTDIR") return new ConfigError(`"${folder}" is a file, not a folder`, options);
  const why = cause.code === "EACCES" ? "you may not read it" : cause.message;
  return new ConfigError(`Cannot read the folder "${folder}": ${why}`, options);
}

/** `web.user-data`, `web.user-data.yaml`, `web-user-data.yml`, `web/user-data`. */
function seedOf(file: string): { readonly instance: string; readonly kind: string } | undefined {
  const [, instance, kind] = /^(.+?)[./_-](user-data|vendor-data|network-config)(?:\.ya?ml)?$/.exec(file) ?? [];
  return instance === undefined || kind === undefined ? undefined : { instance, kind };
}

async function parse(text: string, file: string): Promise<unknown> {
  const { parse: parseYaml } = await import("yaml");
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new ConfigError(`Cannot read "${file}": ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}

interface WrittenProfile {
  readonly name?: unknown;
  readonly description?: unknown;
  readonly config?: unknown;
  readonly devices?: unknown;
}

function isProfile(value: unknown): value is WrittenProfile {
  if (typeof value !== "object" || value === null) return false;
  const { config, devices } = value as WrittenProfile;
  return [config, devices].some((part) => typeof part === "object" && part !== null);
}

function isMap(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const values = Object.values(value);
  return values.length > 0 && values.every((item) => typeof item === "string");
}

function toProfile({ name, description, config, devices }: WrittenProfile, file: string): FolderProfile {
  return {
    name: typeof name === "string" ? name : basename(file).replace(/\.[^.]*$/, ""),
    description: typeof description === "string" ? description : "",
    config: texts(config),
    devices: Object.fromEntries(
      Object.entries((devices ?? {}) as Record<string, unknown>).map(([device, keys]) => [device, texts(keys)]),
    ),
  };
}

/** YAML reads `true` and `2` as what they look like; Incus keeps text. */
function texts(value: unknown): StringMap {
  return Object.fromEntries(
    Object.entries((value ?? {}) as Record<string, unknown>).map(([key, item]) => [key, String(item)]),
  );
}
