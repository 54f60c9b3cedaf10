import type { Profile } from "../model/fleet.ts";
import { readDevices, readProfileConfig } from "./devices.ts";
import type { Field } from "./field.ts";

/** What a profile says of itself. */
export function readProfile(field: Field, name: string): Omit<Profile, "name" | "source"> {
  const label = `profile "${name}"`;
  const keys = field.keys("description", "config", "devices");
  return {
    description: keys.description.optional((description) => description.text()) ?? "",
    config: readProfileConfig(keys.config, label),
    devices: readDevices(keys.devices, label),
  };
}
