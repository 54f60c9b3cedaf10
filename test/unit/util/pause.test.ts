import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { linkedTo, within } from "../../../src/util/pause.ts";

/** What waits for a signal and is held by nothing else, as a request is. */
const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

test("within() ends work that nobody else holds, also after memory was cleaned up", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const cleaning = setInterval(collect, 5);
  try {
    const work = within(100, new AbortController().signal, never);
    await expect(work).rejects.toThrowError("no answer within 0.1 s");
  } finally {
    clearInterval(cleaning);
  }
});

test("within() follows the caller's signal and passes on what the work gives", async () => {
  const caller = new AbortController();
  const work = within(60_000, caller.signal, never);
  caller.abort(new Error("enough"));
  await expect(work).rejects.toThrowError("enough");
  expect(await within(60_000, new AbortController().signal, async () => 7)).toBe(7);
});

test("linkedTo() is aborted from the beginning where its parent is", () => {
  expect(linkedTo(AbortSignal.abort("over")).signal).toMatchObject({ aborted: true, reason: "over" });
});
