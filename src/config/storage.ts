import { posix } from "node:path";
import type { Mount, Volume } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";
import { isAbsolute, readScalar, readSize } from "./scalar.ts";

/** A volume with what only validation needs to know. */
export interface ReadVolume extends Volume {
  /** Every instance that attaches it says that it shares it. */
  readonly shared: boolean;
}

/** Bind mounts by their path in the container. A source alone is shifted and writable. */
export function readMounts(field: Field, instance: string): Record<string, Mount> {
  return byPath(field, `Mount path of ${instance}`, (value, path) => {
    const mount = value.named(`mount "${path}" of ${instance}`);
    if (typeof mount.value !== "object") return { source: absolutePath(mount), shift: true, readonly: false };
    const keys = mount.keys("source", "shift", "readonly");
    return { source: absolutePath(keys.source), shift: keys.shift.flag(true), readonly: keys.readonly.flag(false) };
  });
}

/** Custom volumes by their path in the container. A name alone is a volume of the pool "default". */
export function readVolumes(field: Field, instance: string): Record<string, ReadVolume> {
  return byPath(field, `Volume path of ${instance}`, (value, path) => {
    const volume = value.named(`volume "${path}" of ${instance}`);
    if (typeof volume.value !== "object")
      return { pool: "default", name: volumeName(volume), existing: false, shared: false };
    const keys = volume.keys("pool", "name", "existing", "shared", "size", "config");
    const config = readVolumeConfig(keys, volume);
    if (config !== undefined && keys.existing.value === true)
      volume.fail('is "existing" and has a "size" or "config"', "floe does not change a volume that it did not make");
    return defined({
      pool: keys.pool.optional((pool) => pool.textLike(isName, "be the name of a storage pool")) ?? "default",
      name: volumeName(keys.name),
      existing: keys.existing.flag(false),
      shared: keys.shared.flag(false),
      config,
    });
  });
}

/** Files that are seen inside read-only, by their path in the container. */
export function readSecrets(field: Field, instance: string): Record<string, string> {
  return byPath(field, `Path of a secret of ${instance}`, (value, path) =>
    absolutePath(value.named(`secret "${path}" of ${instance}`)),
  );
}

/** The path as it is compared and mounted: without `//` and the slash at its end. */
export function normalPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

export function byPath<T>(field: Field, subject: string, read: (field: Field, path: string) => T): Record<string, T> {
  const result: Record<string, T> = {};
  for (const [key, value] of Object.entries(
    field.entries((item, path) => {
      if (!isMountPoint(path)) item.report(`${subject} must be absolute, not "/" and without "..": "${path}"`);
      return read(item, path);
    }),
  ))
    result[isMountPoint(key) ? normalPath(key) : key] = value;
  return result;
}

export function absolutePath(field: Field): string {
  return normalPath(field.textLike(isAbsolute, "be an absolute path on the server") || "/");
}

function isMountPoint(path: string): boolean {
  return path.startsWith("/") && !path.split("/").includes("..") && normalPath(path) !== "/";
}

function readVolumeConfig(
  { size, config }: Readonly<Record<"size" | "config", Field>>,
  volume: Field,
): Record<string, string> | undefined {
  if (!size.isGiven && !config.isGiven) return undefined;
  const said = config.entries((value, key) => {
    if (/^(user\.floe|volatile)\./.test(key)) value.report(`Config key "${key}" of ${volume.label} cannot be set`);
    return readScalar(value.named(`config key "${key}" of ${volume.label}`));
  });
  if (size.isGiven && said["size"] !== undefined) volume.fail('has its size twice, in "size" and in "config"');
  return { ...said, ...(size.isGiven ? { size: readSize(size) } : {}) };
}

function volumeName(field: Field): string {
  return field.textLike(isName, 'be the name of a volume such as "web-data"');
}

/** Incus takes no white space, slash or control character in the name of a pool or volume. */
export function isName(name: string): boolean {
  return /^[^\s/\p{Cc}]{1,64}$/u.test(name) && !name.startsWith("-");
}
