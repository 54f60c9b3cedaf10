import { posix } from "node:path";
import type { Mount, Volume } from "../model/fleet.ts";
import type { Field } from "./field.ts";

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
    const keys = volume.keys("pool", "name", "existing", "shared");
    return {
      pool: keys.pool.optional((pool) => pool.textLike(isName, "be the name of a storage pool")) ?? "default",
      name: volumeName(keys.name),
      existing: keys.existing.flag(false),
      shared: keys.shared.flag(false),
    };
  });
}

/** The path as it is compared and mounted: without `//` and the slash at its end. */
export function normalPath(path: string): string {
  return posix.normalize(path).replace(/(?<=.)\/$/, "");
}

function byPath<T>(field: Field, subject: string, read: (field: Field, path: string) => T): Record<string, T> {
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

function absolutePath(field: Field): string {
  return normalPath(field.textLike((path) => path.startsWith("/"), "be an absolute path on the server") || "/");
}

function isMountPoint(path: string): boolean {
  return path.startsWith("/") && !path.split("/").includes("..") && normalPath(path) !== "/";
}

function volumeName(field: Field): string {
  return field.textLike(isName, 'be the name of a volume such as "web-data"');
}

/** Incus takes no white space, slash or control character in the name of a pool or volume. */
function isName(name: string): boolean {
  return /^[^\s/\p{Cc}]{1,64}$/u.test(name) && !name.startsWith("-");
}
