/** What can go wrong at a step, as data. The walk over them is in `walk.ts`. */
import type { Lab } from "./lab.ts";
import type { Strategy } from "./way.ts";

/** Whom it strikes. */
export interface Victim {
  readonly lab: Lab;
  readonly name: string;
  /** A word in the store path of the new image, or of the old one. */
  readonly image: { readonly fresh: string; readonly old: string };
}

export interface Fault {
  readonly name: string;
  /** In one sentence, for the documentation. */
  readonly means: string;
  /** Happens as the step begins; its end is waited for before anything is looked at. `self`: floe itself is killed. */
  readonly strike: "self" | ((victim: Victim) => unknown);
  /** What is stopped as it strikes may have to stay so until it is over; absent: it is put back at once. */
  readonly keepsDown?: boolean;
  /** Where it says something; absent: everywhere. */
  readonly strategies?: readonly Strategy[];
  /** When the apply has ended: the world becomes as it is on other days. */
  readonly mend?: (lab: Lab) => Promise<void>;
}

/** Long enough to strike everything that floe has asked for. */
const cutMs = 300;
const writing = /^(PUT|PATCH|POST|DELETE) /;

export const faults: readonly Fault[] = [
  { name: "floe killed", means: "SIGKILL to floe as the step begins.", strike: "self", keepsDown: true },
  {
    name: "incusd killed",
    means: "SIGKILL to the Incus daemon as the step begins; it is started again at once, as systemd does.",
    strike: ({ lab }) => lab.killIncusd(),
  },
  {
    name: "connection cut",
    means: `Every connection to the server ends as the step begins, and for ${cutMs} ms there is no new one.`,
    strike: ({ lab }) => {
      lab.cut.cut();
      return mendLater(lab);
    },
  },
  {
    name: "answer lost",
    means:
      "The first request of the step that changes something is carried out, but the connection ends before its answer.",
    strike: ({ lab }) => lab.cut.loseAnswer(writing, () => void mendLater(lab)),
    mend: calm,
  },
  {
    name: "disk full",
    means: "The pool of instances and volumes is full to the last byte from the step on, until the apply has ended.",
    strike: ({ lab }) => lab.fillDisk(),
    // Incus writes a file as it starts an instance: where there is no room for that, it can start none.
    keepsDown: true,
    mend: (lab) => lab.freeDisk(),
  },
  {
    name: "another client",
    means:
      "Another client changes the instance between floe's reading and its writing (412), and its successor as well.",
    strike: ({ lab, name }) => lab.cut.before(/^(PUT|PATCH) \/1\.0\/instances\/[^/]+\?/, () => touch(lab, name)),
    mend: calm,
  },
  {
    name: "new image deleted",
    means: "The image that the instance is about to get is deleted right before the step changes something.",
    strike: ({ lab, image }) => lab.cut.before(writing, () => deleteImages(lab, image.fresh)),
    mend: calm,
    // In place a system is switched to, and no image is made.
    strategies: ["swap", "swap-warm", "rebuild"],
  },
  {
    name: "old image deleted",
    means: "The image that the instance runs is deleted right before the step changes something.",
    strike: ({ lab, image }) => lab.cut.before(writing, () => deleteImages(lab, image.old)),
    mend: calm,
  },
];

/** What another client writes, so that the plan afterwards may speak of it. */
export const foreignKey = "user.other";

// --- internal ---

function mendLater(lab: Lab): Promise<void> {
  return new Promise((resolve) =>
    setTimeout(() => {
      lab.cut.mend();
      resolve();
    }, cutMs),
  );
}

async function calm(lab: Lab): Promise<void> {
  lab.cut.calm();
}

async function touch(lab: Lab, name: string): Promise<void> {
  for (const place of [name, `${name}-next`, `${name}-outgoing`])
    await lab.ask("PATCH", `/1.0/instances/${place}`, { config: { [foreignKey]: String(Date.now()) } });
}

async function deleteImages(lab: Lab, word: string): Promise<void> {
  const images = (await lab.ask("GET", "/1.0/images?recursion=1")) as readonly {
    readonly fingerprint: string;
    readonly properties: Readonly<Record<string, string>>;
  }[];
  for (const { fingerprint, properties } of images)
    if ((properties["floe.rootfs"] ?? "").includes(word)) await lab.ask("DELETE", `/1.0/images/${fingerprint}`);
}
