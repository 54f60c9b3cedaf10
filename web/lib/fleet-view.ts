/** What of the fleet is shown, and in which order: pure, so that the address bar can say it. */
import type { FleetInstance, Usage } from "../../src/serve/protocol.ts";

export const stateFilters = ["all", "running", "stopped", "unhealthy", "update"] as const;
export type StateFilter = (typeof stateFilters)[number];

export const sortKeys = ["name", "state", "address", "uptime", "cpu", "memory", "image"] as const;
export type SortKey = (typeof sortKeys)[number];

/** All that the fleet page remembers in its address. */
export interface FleetView {
  readonly text: string;
  readonly state: StateFilter;
  /** Empty: any. */
  readonly tag: string;
  readonly server: string;
  readonly sort: SortKey;
  readonly isDescending: boolean;
}

export function readFleetView(query: string): FleetView {
  const params = new URLSearchParams(query);
  const sort = params.get("sort") ?? "name";
  const name = sort.replace(/^-/, "");
  return {
    text: params.get("q") ?? "",
    state: stateFilters.find((one) => one === params.get("state")) ?? "all",
    tag: params.get("tag") ?? "",
    server: params.get("server") ?? "",
    sort: sortKeys.find((one) => one === name) ?? "name",
    isDescending: sort.startsWith("-"),
  };
}

/** Without what is as it is anyway; empty: nothing is asked for. */
export function writeFleetView({ text, state, tag, server, sort, isDescending }: FleetView): string {
  const params = new URLSearchParams();
  if (text !== "") params.set("q", text);
  if (state !== "all") params.set("state", state);
  if (tag !== "") params.set("tag", tag);
  if (server !== "") params.set("server", server);
  if (sort !== "name" || isDescending) params.set("sort", isDescending ? `-${sort}` : sort);
  return params.toString();
}

/** `SERVER/PROJECT/NAME`. */
export function addressOf({ server, project, name }: Pick<FleetInstance, "server" | "project" | "name">): string {
  return `${server}/${project}/${name}`;
}

/** With what instances use now, by address; those that use the same stay the same objects. */
export function withUsage(
  instances: readonly FleetInstance[],
  usage: Readonly<Record<string, Usage>>,
): readonly FleetInstance[] {
  return instances.map((instance) => {
    const used = usage[addressOf(instance)];
    return used === undefined ? instance : { ...instance, ...used };
  });
}

/** A newer image is described, or the last plan wants something else of it. */
export function hasUpdate({ isUpdateAvailable, pending = [] }: FleetInstance): boolean {
  return isUpdateAvailable === true || pending.length > 0;
}

export type Health = "healthy" | "unhealthy" | "unproved" | "none";

/** Only what runs can be healthy. */
export function healthOf({ state, isHealthy, failures }: FleetInstance): Health {
  if (state !== "running") return "none";
  if (failures !== undefined && failures.length > 0) return "unhealthy";
  if (isHealthy === null) return "none";
  return isHealthy || failures !== undefined ? "healthy" : "unproved";
}

/** Something a person should look at. */
export function needsAttention(instance: FleetInstance): boolean {
  const { state, isInterrupted } = instance;
  return isInterrupted || state === "error" || state === "interrupted" || healthOf(instance) === "unhealthy";
}

export function isShown(instance: FleetInstance, { text, state, tag, server }: FleetView): boolean {
  if (server !== "" && instance.server !== server) return false;
  if (tag !== "" && !instance.tags.includes(tag)) return false;
  return hasState(instance, state) && hasWords(instance, text);
}

export function shownInstances(instances: readonly FleetInstance[], view: FleetView): FleetInstance[] {
  const order = comparators[view.sort];
  const direction = view.isDescending ? -1 : 1;
  return instances
    .filter((instance) => isShown(instance, view))
    .sort((a, b) => direction * order(a, b) || compareNames(a, b));
}

// --- internal ---

function hasState(instance: FleetInstance, filter: StateFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "running":
      return instance.state === "running";
    case "stopped":
      return instance.state !== "running";
    case "unhealthy":
      return needsAttention(instance);
    case "update":
      return hasUpdate(instance);
  }
}

/** Every word must be found somewhere; `@tag` only among the tags. */
function hasWords(instance: FleetInstance, text: string): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { name, container, server, state, addresses, tags, image } = instance;
  const all = [name, container, server, state, ...addresses, ...tags.map((tag) => `@${tag}`)].join("\n").toLowerCase();
  // Some of its first digits are in every other fingerprint.
  const isImage = (word: string): boolean => word.length >= 6 && image?.fingerprint.startsWith(word) === true;
  return words.every((word) => all.includes(word) || isImage(word));
}

const text = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compareNames(a: FleetInstance, b: FleetInstance): number {
  return text.compare(a.name, b.name) || text.compare(a.server, b.server);
}

/** The worst first. */
function rankOf(instance: FleetInstance): number {
  if (needsAttention(instance)) return 0;
  const order = ["unknown", "foreign", "absent", "stopped", "frozen", "running"];
  return 1 + order.indexOf(instance.state);
}

/** What is not known comes last when it rises. */
function byNumber(read: (instance: FleetInstance) => number | undefined) {
  const value = (instance: FleetInstance): number => read(instance) ?? Number.POSITIVE_INFINITY;
  return (a: FleetInstance, b: FleetInstance): number => (value(a) === value(b) ? 0 : value(a) - value(b));
}

function timeOf(iso: string | null | undefined): number | undefined {
  return iso === null || iso === undefined ? undefined : -Date.parse(iso);
}

const comparators: Readonly<Record<SortKey, (a: FleetInstance, b: FleetInstance) => number>> = {
  name: compareNames,
  state: byNumber(rankOf),
  address: (a, b) => text.compare(a.addresses[0] ?? "\uffff", b.addresses[0] ?? "\uffff"),
  uptime: byNumber(({ startedAt }) => timeOf(startedAt)),
  cpu: byNumber(({ cpu }) => cpu),
  memory: byNumber(({ memory }) => memory),
  image: byNumber(({ image, since }) => timeOf(image?.importedAt ?? since)),
};
