/** The instances as pages show them. Pure, but for what it is given. */
import type { IncusInstance } from "../../incus/types.ts";
import { serverUrl } from "../../incus/url.ts";
import type { FleetList, ListedInstance } from "../../list/fleet-list.ts";
import type { ServerAnswer } from "../../list/list-fleet.ts";
import { servicesOf } from "../../list/services.ts";
import { type Fleet, type Instance, instancesOf } from "../../model/fleet.ts";
import type { Difference } from "../../model/plan.ts";
import { instanceAddress } from "../../plan/labels.ts";
import { defined } from "../../util/defined.ts";
import type { FleetInstance, ServiceLink, Usage } from "../protocol.ts";

/** What is known of an instance besides. */
export interface Known {
  readonly answers: Readonly<Record<string, ServerAnswer>>;
  usage(address: string, instance: IncusInstance): Usage;
  pending(address: string): readonly Difference[] | undefined;
  failures(address: string): readonly string[] | undefined;
  job(address: string): string | undefined;
}

export function showInstances(fleet: Fleet, list: FleetList, known: Known): FleetInstance[] {
  const described = new Map<string, Instance>(
    instancesOf(fleet).map((instance) => [instanceAddress(instance), instance]),
  );
  const found = new Map<string, IncusInstance>(
    Object.entries(known.answers).flatMap(([server, answer]) =>
      answer.ok ? answer.instances.map((one) => [`${server}/${one.project}/${one.name}`, one] as const) : [],
    ),
  );
  return list.instances.map((listed) => {
    const address = instanceAddress(listed);
    return show(listed, { fleet, instance: described.get(address), real: found.get(address) }, address, known);
  });
}

// --- internal ---

interface Sides {
  readonly fleet: Fleet;
  readonly instance: Instance | undefined;
  readonly real: IncusInstance | undefined;
}

function show(listed: ListedInstance, { fleet, instance, real }: Sides, address: string, known: Known): FleetInstance {
  const isUp = listed.state === "running" || listed.state === "frozen";
  const startedAt = isUp ? real?.state?.started_at : undefined;
  return {
    ...listed,
    ...(isUp && real !== undefined ? known.usage(address, real) : {}),
    tags: [...new Set([...(fleet.containers[listed.container]?.tags ?? []), ...(instance?.tags ?? [])])],
    links: instance === undefined ? [] : linksOf(fleet, instance),
    ...defined({
      // A server that does not know says it was at the beginning of time.
      startedAt: startedAt === undefined || startedAt.startsWith("0001") ? undefined : startedAt,
      failures: isUp ? known.failures(address) : undefined,
      pending: known.pending(address),
      job: known.job(address),
    }),
  };
}

/** A port that stands for every address of a server on the network is reached by the server's own name. */
function linksOf(fleet: Fleet, instance: Instance): ServiceLink[] {
  const server = fleet.servers[instance.server];
  return servicesOf(instance).map((place, index) => {
    const isEverywhere = /^tcp:(0\.0\.0\.0|\[::\]):/.test(instance.ports[index]?.listen ?? "");
    const label =
      isEverywhere && server?.kind === "https"
        ? place.replace(/127\.0\.0\.1|\[::1\]/, new URL(serverUrl(server.url)).hostname)
        : place;
    return /^https?:\/\//.test(label) ? { label: label.replace(/^https?:\/\//, ""), url: label } : { label };
  });
}
