/** Whether somebody else deployed to a machine since floe did. Pure. */
import type { HostChange, HostGeneration } from "../../model/host-plan.ts";
import type { ObservedHost } from "./observed.ts";

/**
 * What runs, when this fleet never confirmed it there. Undefined also where floe never confirmed anything: then it is a machine that is
 * being taken over, and that is what was asked for.
 */
export function findUnknown({
  fleet,
  system,
  observed: { current, records, generations },
}: {
  readonly fleet: string;
  readonly system: string;
  readonly observed: ObservedHost;
}): HostChange["unknown"] {
  if (current === undefined || current === system || records === undefined || records.length === 0) return undefined;
  const record = records.findLast((each) => each.system === current);
  if (record?.fleet === fleet) return undefined;
  const generation: HostGeneration = generations.findLast((each) => each.system === current) ?? {
    number: 0,
    system: current,
  };
  const by =
    record && [`the fleet "${record.fleet}"`, ...(record.by === undefined ? [] : [`(${record.by})`])].join(" ");
  return { generation, ...(by === undefined ? {} : { by }) };
}
