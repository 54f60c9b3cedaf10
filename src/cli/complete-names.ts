/** Names of the fleet for the shells' completion: from memory where the project is unchanged, else from its TypeScript. Starts no nix, asks no server. */
import type { Fleet } from "../model/fleet.ts";
import { instancesOf } from "../model/fleet.ts";
import { loadFleet, lockedInputs, projectAbove, rememberedFleet } from "../pipeline.ts";
import type { Cli } from "./context.ts";

/** Everything that a selector may name, with what it is behind a tab. */
export async function selectorWords(cli: Cli, partial: string): Promise<string[]> {
  const fleet = await fleetOf(cli);
  if (fleet === undefined) return [];
  const kinds = {
    host: Object.values(fleet.hosts),
    container: Object.values(fleet.containers),
    instance: instancesOf(fleet),
  };
  const named = Object.entries(kinds).flatMap(([kind, parts]) =>
    parts.map(({ name }) => `${partial.includes(":") ? `${kind}:${name}` : name}\t${kind}`),
  );
  const tags = Object.values(kinds).flatMap((parts) => parts.flatMap((part) => part.tags.map((tag) => `@${tag}\ttag`)));
  return [...named, ...new Set(tags)];
}

/** What is built: homes as well. */
export async function buildWords(cli: Cli, partial: string): Promise<string[]> {
  const homes = Object.values((await fleetOf(cli))?.homes ?? {});
  const words = homes.map(({ name }) => `${partial.includes(":") ? `home:${name}` : name}\thome`);
  const tags = homes.flatMap((home) => home.tags.map((tag) => `@${tag}\ttag`));
  return [...new Set([...(await selectorWords(cli, partial)), ...words, ...tags])];
}

/** Hosts and homes, and the tags of hosts. */
export async function hostWords(cli: Cli): Promise<string[]> {
  const fleet = await fleetOf(cli);
  if (fleet === undefined) return [];
  const hosts = Object.values(fleet.hosts);
  const tags = hosts.flatMap((host) => host.tags.map((tag) => `@${tag}\ttag`));
  const homes = Object.keys(fleet.homes ?? {}).map((name) => `${name}\thome`);
  return [...hosts.map(({ name }) => `${name}\thost`), ...homes, ...new Set(tags)];
}

export async function instanceWords(cli: Cli): Promise<string[]> {
  const fleet = await fleetOf(cli);
  return fleet === undefined
    ? []
    : instancesOf(fleet).map(({ name, container }) => `${name}\tinstance of ${container}`);
}

export async function shellWords(cli: Cli): Promise<string[]> {
  return Object.keys((await fleetOf(cli))?.shells ?? {}).map((name) => `${name}\tdev shell`);
}

/** What flake.lock has. */
export async function inputWords({ cwd }: Cli): Promise<string[]> {
  const project = projectAbove(cwd);
  return project === undefined ? [] : lockedInputs(project.root).map((name) => `${name}\tinput`);
}

// --- internal ---

/** A fleet that has changed a little since still has nearly all its names, so it is not loaded anew. */
async function fleetOf({ cwd }: Cli): Promise<Fleet | undefined> {
  const project = projectAbove(cwd);
  return project && (rememberedFleet(project) ?? (await loadFleet(project.root)));
}
