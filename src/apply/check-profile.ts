/**
 * Tries the new content of a profile on an empty instance that is never started: Incus looks at devices of a profile only when
 * an instance has them, and keeps a profile that its instances refuse.
 */
import { IncusError } from "../errors.ts";
import { wordsOf } from "../incus/failure.ts";
import type { IncusClient, StringMap } from "../incus/types.ts";
import type { Content } from "../plan/applied.ts";
import { isRoot } from "../plan/classify.ts";
import { digest } from "../plan/digest.ts";
import { isKept, label } from "../plan/labels.ts";

export interface Trial {
  readonly fleet: string;
  readonly project: string;
  /** Of the profile. */
  readonly name: string;
  readonly content: Content;
  /** Root disk of an instance that uses it. */
  readonly root: StringMap | undefined;
}

/** @throws IncusError with the server's words when an instance could not have this */
export async function tryProfile(client: IncusClient, { fleet, project, name, content, root }: Trial): Promise<void> {
  const hasRoot = Object.values(content.devices).some(isRoot);
  if (!hasRoot && root === undefined) return;
  const instance = `floe-check-${digest(name).slice(0, 12)}`;
  const config = Object.fromEntries(Object.entries(content.config).filter(([key]) => !isKept(key)));
  await discard(client, project, instance, fleet);
  try {
    await client.request("POST", `/1.0/instances?${new URLSearchParams({ project })}`, {
      name: instance,
      type: "container",
      profiles: [],
      config: { ...config, "boot.autostart": "false", [label.fleet]: fleet, [label.role]: "check" },
      devices: hasRoot || root === undefined ? content.devices : { ...content.devices, "floe-root": root },
      source: { type: "none" },
    });
  } catch (error) {
    if (error instanceof IncusError && !isRefusal(error)) return;
    throw error;
  } finally {
    await discard(client, project, instance, fleet).catch(() => {});
  }
}

// --- internal ---

/** One that a killed floe left, too. */
async function discard(client: IncusClient, project: string, name: string, fleet: string): Promise<void> {
  const found = await client.getInstance(project, name);
  const config = found?.value.config;
  if (config?.[label.fleet] === fleet && config[label.role] === "check") await client.deleteInstance(project, name);
}

/** That there may be no further instance says nothing about the profile. */
function isRefusal(error: IncusError): boolean {
  return !/maximum number of|limits\.|not allowed in project/i.test(wordsOf(error));
}
