import type { CloudInit } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import { type ReadText, readDocument } from "./document.ts";
import type { Field } from "./field.ts";
import { absolutePath } from "./storage.ts";

/** The cloud-init seed. Text is taken as it is; an object is written as JSON, which is YAML, so no YAML writer is needed. */
export function readCloudInit(field: Field, readText: ReadText): CloudInit {
  const keys = field.keys("channel", "folder", "userData", "vendorData", "networkConfig");
  const channel = readChannel(keys.channel);
  const documents = [keys.userData, keys.vendorData, keys.networkConfig];
  if (keys.folder.isGiven && channel !== "nocloud") keys.folder.fail('needs `channel: "nocloud"` beside it');
  if (keys.folder.isGiven && documents.some(({ isGiven }) => isGiven))
    field.fail('has both a "folder" and documents', "The files in the folder are the documents: keep one of the two");
  return defined({
    channel,
    folder: keys.folder.optional(absolutePath),
    userData: keys.userData.optional((data) => document(data, "#cloud-config\n", readText)),
    vendorData: keys.vendorData.optional((data) => document(data, "#cloud-config\n", readText)),
    networkConfig: keys.networkConfig.optional((data) => document(data, "", readText)),
  });
}

// --- internal ---

/** The default is not written down, so that a seed without a channel stays as it was. */
function readChannel(field: Field): "nocloud" | undefined {
  if (field.value === "nocloud") return "nocloud";
  if (field.isGiven && field.value !== "config") field.must('be "config" or "nocloud"');
  return undefined;
}

function document(field: Field, header: string, readText: ReadText): string {
  const written = readDocument(field, readText);
  if (written !== undefined) return written;
  const text = typeof field.value === "object" && field.value !== null ? json(field.value) : undefined;
  if (text === undefined) field.fail('must be text, an object of plain data, or a file: nix.path("./seed.yaml")');
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
