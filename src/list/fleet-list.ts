/** What there is, as `floe list` shows it: plain data. */
import type { Port } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";

export interface ListedHost {
  readonly name: string;
  readonly system: string;
  readonly target: string | null;
  readonly tags: readonly string[];
}

export interface ListedContainer {
  readonly name: string;
  readonly system: string;
  readonly tags: readonly string[];
  readonly instances: readonly string[];
}

export interface ListedInstance {
  readonly name: string;
  readonly container: string;
  readonly server: string;
  readonly project: string;
  /**
   * `absent`: described and not made yet. `interrupted`: a killed apply left nothing under the name, but what the next one puts
   * there. `foreign`: somebody else's instance has the name. `unknown`: the server does not answer.
   */
  readonly state: "running" | "stopped" | "frozen" | "error" | "absent" | "interrupted" | "foreign" | "unknown";
  /** An apply ended in the middle of a change of it: the next one finishes it or takes it back. */
  readonly isInterrupted: boolean;
  /** Addresses of the instance's interfaces, without loopback and link-local ones. */
  readonly addresses: readonly string[];
  readonly ports: readonly Port[];
  /** Store path of the root file system it runs; null when it runs none of floe's. */
  readonly rootfs: string | null;
  /** When it was made from its image, ISO 8601. */
  readonly since: string | null;
  /** The image that it runs: its fingerprint, and when it was imported (ISO 8601; null when the image is gone). */
  readonly image: { readonly fingerprint: string; readonly importedAt: string | null } | null;
  /** Passed its health checks when it was put in place; null when there are none, or none of floe's instances is there. */
  readonly isHealthy: boolean | null;
  /** What was wrong when its checks were asked just now, empty when nothing was; absent when they were not asked. */
  readonly failures?: readonly string[];
  /** A newer image is described than the one that runs; null when that is not known without evaluating. */
  readonly isUpdateAvailable: boolean | null;
  /** A predecessor is kept: `floe rollback` has somewhere to go. */
  readonly hasPrevious: boolean;
}

export interface FleetList {
  readonly fleet: string;
  readonly hosts: readonly ListedHost[];
  readonly containers: readonly ListedContainer[];
  readonly instances: readonly ListedInstance[];
  /** Servers that do not answer. */
  readonly problems: readonly Problem[];
}
