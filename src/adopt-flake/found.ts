/** What a flake has, in floe's words. Plain data; paths are attribute paths below the flake's outputs. */

export interface FoundHost {
  readonly name: string;
  readonly from: string;
  readonly system: string;
  /** Where deploy-rs reaches it. */
  readonly target?: string;
  /** Users whose home-manager is part of it. */
  readonly homes: readonly string[];
  /** What a person should know of it. */
  readonly note?: string;
}

export interface FoundHome {
  readonly name: string;
  readonly from: string;
  readonly system: string;
  readonly user: string;
  readonly note?: string;
}

/** How an image was recognised. */
export type ImageForm = "packages" | "system.build" | "system.build.images";

export interface FoundContainer {
  readonly name: string;
  readonly from: { readonly rootfs: string; readonly metadata: string };
  readonly system: string;
  readonly form: ImageForm;
  readonly note?: string;
}

export interface FoundShell {
  readonly name: string;
}

/** What floe could not make out. */
export interface Unclassified {
  readonly path: string;
  readonly reason: string;
  /** How to name it by hand. */
  readonly byHand: string;
}

export interface Found {
  readonly description?: string;
  /** This machine's. */
  readonly system: string;
  readonly hosts: readonly FoundHost[];
  readonly homes: readonly FoundHome[];
  readonly containers: readonly FoundContainer[];
  readonly shells: readonly FoundShell[];
  /** Names of this system's packages and checks that are no images. */
  readonly packages: readonly string[];
  readonly checks: readonly string[];
  readonly hasFormatter: boolean;
  readonly unclassified: readonly Unclassified[];
}
