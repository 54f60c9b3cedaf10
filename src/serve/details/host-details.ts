/** All that the page of one host shows. Nobody is asked for a password: this is what a person who logs in there may see. */
import type { Host } from "../../model/fleet.ts";
import { compareHostGenerations, type InspectedHost, inspectHost } from "../../pipeline.ts";
import { defined } from "../../util/defined.ts";
import type { Serve } from "../context.ts";
import { isReachedFromHere } from "../here.ts";
import type { FleetHost, GenerationChanges, HostDetails } from "../protocol.ts";
import { notFound } from "../refused.ts";
import { limited } from "./limited.ts";

/** A machine behind a slow line answers within this. */
const inspectMs = 20_000;
/** What generations are made of is read from a disk, which may be a slow one. */
const compareMs = 120_000;

/** Of one that is reached only from its own machine, what is described. @throws RefusedError 404, 504; ConnectionError with a hint when it cannot be reached, or asks for a password */
export async function describeHost(serve: Serve, name: string, signal: AbortSignal): Promise<HostDetails> {
  const host = serve.host(name);
  const source = `${host.source.file}:${host.source.line}`;
  if (!isReachedFromHere(host)) return { host: shownHost(serve, host), source, generations: [] };
  const found = await limited(inspectMs, `The host "${name}" did not answer`, signal, (until) =>
    inspectHost(serve.fleet(), host, { signal: until }),
  );
  const { disk, nixVersion, kernelRelease } = found.observed;
  return {
    host: { ...shownHost(serve, host), ...lookOf(found) },
    source,
    generations: found.generations,
    ...defined({ disk, nixVersion, kernel: kernelRelease }),
  };
}

/** The packages that differ between any two generations. @throws as `describeHost`, UsageError for a number that is not there */
export async function changesOfHost(
  serve: Serve,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
  signal: AbortSignal,
): Promise<GenerationChanges> {
  const host = serve.host(name);
  const late = `The host "${name}" could not say what its generations are made of`;
  const found = await limited(compareMs, late, signal, (until) =>
    compareHostGenerations(serve.fleet(), host, { from, to }, { signal: until }),
  );
  return { from, to, packages: found.changes, sizeDelta: found.sizeDelta };
}

// --- internal ---

function shownHost(serve: Serve, { name }: Host): FleetHost {
  const shown = serve.state().hosts.find((host) => host.name === name);
  if (shown === undefined) throw notFound("host", name);
  return shown;
}

function lookOf({ observed, generations, rebootReasons }: InspectedHost): Partial<FleetHost> {
  const current = generations.find(({ isCurrent }) => isCurrent);
  const { upSeconds, failedUnits } = observed;
  return {
    state: "reachable",
    failedUnits,
    rebootReasons,
    ...defined({
      generation: current?.number,
      since: current?.since,
      bootedAt: upSeconds === undefined ? undefined : new Date(Date.now() - upSeconds * 1000).toISOString(),
    }),
  };
}
