import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type CopyJob, openCopies } from "../../../../src/apply/hosts/copies.ts";
import type { CopyOptions, Machine } from "../../../../src/machine/machine.ts";

/** The pool is what is tested: of a machine it asks only this. */
const jobTo = (name: string, copy: (options: CopyOptions) => Promise<void>): CopyJob => ({
  address: `host:${name}`,
  machine: { name, copyClosures: (_, options) => copy(options) } as Pick<Machine, "name" | "copyClosures"> as Machine,
  paths: ["/nix/store/x"],
  substitute: true,
});
const never = new AbortController().signal;

test("openCopies() runs so many at once, each once, first come first served", async () => {
  const order: string[] = [];
  let most = 0;
  let running = 0;
  const copies = openCopies(2, () => {}, never);
  const job = (name: string) =>
    jobTo(name, async () => {
      order.push(name);
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
    });
  for (const name of ["a", "b", "c", "a", "d"]) copies.begin(job(name));
  await Promise.all(["a", "b", "c", "d"].map((name) => copies.of(`host:${name}`)));
  expect([order, most]).toEqual([["a", "b", "c", "d"], 2]);
  await copies.of("host:nobody");
});

test("openCopies() tells a failure to who waits for it, and after stop() begins nothing", async () => {
  const copies = openCopies(1, () => {}, never);
  copies.begin(
    jobTo("a", async () => {
      throw new Error("the disk is full");
    }),
  );
  await expect(copies.of("host:a")).rejects.toThrow("the disk is full");
  copies.stop();
  copies.begin(jobTo("b", async () => {}));
  await expect(copies.of("host:b")).rejects.toThrow("Stopped before it was copied");
});
