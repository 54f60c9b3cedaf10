/** What pages are told of the fleet: the whole state when something of it differs, else only what is used. */
import { instanceAddress } from "../../plan/labels.ts";
import { defined } from "../../util/defined.ts";
import type { FleetState, Usage } from "../protocol.ts";
import type { Broadcast } from "./broadcast.ts";

export function openTeller(broadcast: Broadcast): (state: FleetState) => void {
  let told = "";
  let toldUsage = new Map<string, string>();
  return (state) => {
    const usages = state.instances.map((instance) => [instanceAddress(instance), usageOf(instance)] as const);
    const text = JSON.stringify({ ...state, at: 0, instances: state.instances.map(withoutUsage) });
    const changed = usages.filter(([address, usage]) => toldUsage.get(address) !== JSON.stringify(usage));
    if (text !== told) broadcast.send({ type: "fleet", data: state });
    else if (changed.length > 0) broadcast.send({ type: "usage", data: Object.fromEntries(changed) });
    told = text;
    toldUsage = new Map(usages.map(([address, usage]) => [address, JSON.stringify(usage)]));
  };
}

// --- internal ---

function usageOf({ cpu, memory, memoryLimit }: Usage): Usage {
  return defined({ cpu, memory, memoryLimit });
}

function withoutUsage<T extends Usage>({ cpu: _cpu, memory: _memory, memoryLimit: _limit, ...rest }: T): object {
  return rest;
}
