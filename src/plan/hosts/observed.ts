/** A machine as it is: what its host plan is compared with. Plain data. */
import type { MachineIdentity } from "../../machine/machine.ts";
import type { HostGeneration } from "../../model/host-plan.ts";

/** What a reboot would bring into effect. Store paths; absent where the system has none, as in a container. */
export interface SystemParts {
  readonly kernel?: string;
  readonly initrd?: string;
  readonly kernelModules?: string;
  /** Their text. */
  readonly kernelParams?: string;
  readonly systemd?: string;
}

/** A line of `/var/lib/floe/generations`: an activation by floe that was confirmed. */
export interface GenerationRecord {
  readonly number: number;
  readonly system: string;
  readonly fleet: string;
  /** Of the project, as git has it; `-dirty` at its end: with changes that were not committed. */
  readonly revision?: string;
  /** Who did it: `user@machine`. */
  readonly by?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface ObservedHost {
  readonly identity: MachineIdentity;
  /** As Nix calls it: `x86_64-linux`. */
  readonly platform: string | undefined;
  /** The store path behind /run/current-system; undefined: no NixOS runs there yet. */
  readonly current: string | undefined;
  /** Behind /run/booted-system. */
  readonly booted: string | undefined;
  /** Of the system profile, by number. */
  readonly generations: readonly HostGeneration[];
  /** The generation that the profile points to, which the next boot brings. */
  readonly boots: HostGeneration | undefined;
  /** Empty where there is no systemd. */
  readonly failedUnits: readonly string[];
  /** In the order of the file; undefined: floe never confirmed an activation there. */
  readonly records: readonly GenerationRecord[] | undefined;
  /** Bytes that root can still write on the disk of the Nix store. */
  readonly freeBytes: number | undefined;
  /** Bytes of the disk of the Nix store. */
  readonly disk?: { readonly used: number; readonly total: number };
  /** How long it has been up, in seconds. */
  readonly upSeconds?: number;
  readonly nixVersion: string | undefined;
  /** The release of the kernel that runs: `6.1.5`. */
  readonly kernelRelease: string | undefined;
  /** `system.configurationRevision` of what runs. */
  readonly configurationRevision: string | undefined;
  readonly parts: { readonly booted: SystemParts; readonly current: SystemParts };
}
