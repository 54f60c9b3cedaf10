import type { CloudInit } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";

/** The cloud-init seed. Text is taken as it is; an object is written as JSON, which is YAML, so no YAML writer is needed. */
export function readCloudInit(field: Field): CloudInit {
  const keys = field.keys("userData", "vendorData", "networkConfig");
  return defined({
    userData: keys.userData.optional((data) => document(data, "#cloud-config\n")),
    vendorData: keys.vendorData.optional((data) => document(data, "#cloud-config\n")),
    networkConfig: keys.networkConfig.optional((data) => document(data, "")),
  });
}

function document(field: Field, header: string): string {
  if (typeof field.value === "string") return field.value;
  const text = typeof field.value === "object" && field.value !== null ? json(field.value) : undefined;
  if (text === undefined) field.fail("must be text or an object of plain data");
  return `${header}${text ?? ""}\n`;
}

/** Undefined for what JSON cannot hold: a cycle, a big integer, a reference into Nix. */
function json(value: object): string | undefined {
  try {
    return JSON.stringify(value, (_, item: unknown) => (typeof item === "function" ? refuse() : item), 2);
  } catch {
    return undefined;
  }
}

function refuse(): never {
  throw new TypeError("A function is no data");
}
