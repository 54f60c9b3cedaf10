/** What differs between two descriptions of the same instances. Pure. */
import { type Fleet, type Instance, instancesOf } from "../model/fleet.ts";
import { isRecord } from "../util/files.ts";
import type { InstanceChange, SettingChange } from "./comparison.ts";

/** By name; those that are described alike are left out. `undefined`: there was no fleet. */
export function instanceChanges(before: Fleet | undefined, after: Fleet): InstanceChange[] {
  const [old, fresh] = [byAddress(before), byAddress(after)];
  const addresses = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  return addresses.flatMap((address): InstanceChange[] => {
    const [was, is] = [old.get(address), fresh.get(address)];
    const { name, container } = (is ?? was) as Instance;
    if (was === undefined || is === undefined)
      return [{ name, container, state: was === undefined ? "new" : "gone", settings: [] }];
    const settings = settingChanges(was, is);
    return settings.length === 0 ? [] : [{ name, container, state: "changed", settings }];
  });
}

// --- internal ---

function byAddress(fleet: Fleet | undefined): Map<string, Instance> {
  const all = fleet === undefined ? [] : instancesOf(fleet);
  return new Map(all.map((instance) => [`${instance.server}/${instance.project}/${instance.name}`, instance]));
}

function settingChanges(before: Instance, after: Instance): SettingChange[] {
  const [old, fresh] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((setting) => {
    const [was, is] = [old.get(setting), fresh.get(setting)];
    if (was === is) return [];
    const shown = (value: string): string => (isPrivate.test(setting) ? "(hidden)" : value);
    return [
      {
        setting,
        ...(was === undefined ? {} : { before: shown(was) }),
        ...(is === undefined ? {} : { after: shown(is) }),
      },
    ];
  });
}

/** May hold a password, and what is told here is read by everybody who reads a pull request. */
const isPrivate =
  /^(environment|cloudInit)\b|\b(user-data|vendor-data)$|^config\.environment\.|pass(word|wd|phrase)|secret|token|credential/i;

/** Leaves by their path. A key with dots in it, as Incus has them, keeps them; an empty group is no leaf. */
function flat(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (isRecord(value)) for (const [key, item] of Object.entries(value)) flat(item, at(key), found);
  else if (Array.isArray(value) && value.some((item) => isRecord(item)))
    for (const [index, item] of value.entries()) flat(item, `${path}[${index}]`, found);
  else if (value !== undefined && !(Array.isArray(value) && value.length === 0))
    found.set(path, typeof value === "string" ? value : JSON.stringify(value));
  return found;
}
