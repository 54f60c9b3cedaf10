/** What an instance gets of its server's hardware, beside the GPU. */
import type { CharDevice, RootDisk, Usb } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";
import { readSize } from "./scalar.ts";
import { absolutePath, byPath, isName } from "./storage.ts";

/** USB devices by their ids, or a serial number. */
export function readUsb(field: Field): Usb[] {
  return field.list((item) => {
    const keys = item.keys("vendor", "product", "serial", "required");
    if (!keys.vendor.isGiven && !keys.product.isGiven && !keys.serial.isGiven)
      item.fail('must have a "vendor", a "product" or a "serial"', "lsusb shows them as vendor:product");
    return defined({
      vendor: keys.vendor.optional(readUsbId),
      product: keys.product.optional(readUsbId),
      serial: keys.serial.optional((serial) => serial.textLike((text) => text !== "", "be a serial number")),
      required: keys.required.flag(false),
    });
  });
}

/** Character devices by their path in the container. The path on the server is the same where none is said. */
export function readCharDevices(field: Field, instance: string): Record<string, CharDevice> {
  return byPath(field, `Path of a character device of ${instance}`, (value, path) => {
    const device = value.named(`character device "${path}" of ${instance}`);
    if (typeof device.value !== "object") return { source: absolutePath(device) };
    const keys = device.keys("source", "uid", "gid", "mode");
    return defined({
      source: keys.source.isGiven ? absolutePath(keys.source) : path,
      uid: keys.uid.optional((uid) => uid.integer(0, maxId)),
      gid: keys.gid.optional((gid) => gid.integer(0, maxId)),
      mode: keys.mode.optional((mode) =>
        mode.textLike((text) => /^0?[0-7]{3}$/.test(text), 'be an octal mode such as "0660"'),
      ),
    });
  });
}

/** The root disk. Incus lets an instance replace that of its profiles only whole, so the pool has to be said. */
export function readRoot(field: Field): RootDisk {
  const keys = field.keys("pool", "size");
  return defined({
    pool: keys.pool.textLike(isName, 'be the storage pool of the root disk, usually "default"'),
    size: keys.size.optional(readSize),
  });
}

// --- internal ---

const maxId = 4_294_967_294;

function readUsbId(field: Field): string {
  return field.textLike((text) => /^[0-9A-Fa-f]{4}$/.test(text), "be a USB id of four hex digits").toLowerCase();
}
