import type { Field } from "./field.ts";
import { readScalar } from "./scalar.ts";

/** See `plan/seed.ts`. */
const seedHashKey = "user.nocloud";

type Devices = Record<string, Record<string, string>>;

/** Devices whose names begin so are the ones floe makes from `mounts`, `volumes`, `ports`, `usb` and their like. */
const reservedPrefix = "floe-";

/** Incus devices, verbatim: values become text, as Incus keeps them. */
export function readDevices(field: Field, instance: string): Devices {
  return field.entries((value, name) => {
    const device = value.named(`device "${name}" of ${instance}`);
    if (name.startsWith(reservedPrefix))
      device.report(
        `Device name "${name}" of ${instance} is reserved`,
        `Names that begin with "${reservedPrefix}" are the devices that floe makes itself`,
      );
    if (!/^[^\s/]{1,64}$/.test(name))
      device.report(`Device name "${name}" of ${instance} must be 1 to 64 characters without white space and slashes`);
    const settings = device.entries((item, key) => readScalar(item.named(`key "${key}" of ${device.label}`)));
    if ((typeof device.value === "object" && settings["type"] === undefined) || settings["type"] === "")
      device.child("type", undefined).must('name a device type such as "disk", "nic" or "unix-char"');
    return settings;
  });
}

/** Incus config keys, verbatim. Keys that floe or Incus itself keeps are refused, with the place where they are said instead. */
export function readInstanceConfig(field: Field, instance: string): Record<string, string> {
  return field.entries((item, key) => {
    const value = item.named(`config key "${key}" of ${instance}`);
    const instead = keptElsewhere(key);
    if (instead !== undefined) value.fail("cannot be set here", instead);
    return readScalar(value);
  });
}

/** The config of a profile: every key but those that Incus or floe keeps. */
export function readProfileConfig(field: Field, profile: string): Record<string, string> {
  return field.entries((item, key) => {
    const value = item.named(`config key "${key}" of ${profile}`);
    if (/^(user\.floe|volatile|image)\./.test(key)) value.fail("cannot be set here", keptElsewhere(key));
    return readScalar(value);
  });
}

function keptElsewhere(key: string): string | undefined {
  if (key === "boot.autostart") return 'Say "autostart: true" or "autostart: false" instead';
  if (key === seedHashKey) return "floe keeps the hash of the cloud-init seed there";
  if (key.startsWith("user.floe.")) return 'Keys that begin with "user.floe." are the labels that floe keeps';
  if (key.startsWith("volatile.")) return 'Keys that begin with "volatile." are kept by Incus';
  if (key.startsWith("image.")) return 'Keys that begin with "image." come from the image';
  if (/^(cloud-init|user)\.(user-data|vendor-data|network-config)$/.test(key)) return 'Say it in "cloudInit" instead';
  return undefined;
}
