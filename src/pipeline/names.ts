/** What of a fleet is evaluated. */
import { builtContainers, type Fleet } from "../model/fleet.ts";
import type { FleetNames } from "../nix/evaluation-cache.ts";

/** Every host, container, home and shell of a fleet. */
export function allNames(fleet: Fleet): FleetNames {
  return {
    hosts: Object.keys(fleet.hosts),
    containers: Object.keys(builtContainers(fleet)),
    homes: Object.keys(fleet.homes ?? {}),
    shells: Object.keys(fleet.shells),
  };
}

/** What a plan needs: the images of all containers, for ports and names are compared across the whole fleet. */
export function imageNames(fleet: Fleet): FleetNames {
  return { hosts: [], containers: Object.keys(builtContainers(fleet)), shells: [] };
}

/** Without the containers whose images floe does not build: there is nothing of them to evaluate. */
export function builtNames(fleet: Fleet, names: FleetNames): FleetNames {
  const built = builtContainers(fleet);
  return { ...names, containers: names.containers.filter((name) => Object.hasOwn(built, name)) };
}

export function isNothing({ hosts, containers, homes = [], shells }: FleetNames): boolean {
  return hosts.length + containers.length + homes.length + shells.length === 0;
}
