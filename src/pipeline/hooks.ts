/** hooks: what runs `fmt` and `lint` before a commit. */

/** Checks before each commit. */
export async function hooks(): Promise<typeof import("../hooks/hooks.ts")> {
  return import("../hooks/hooks.ts");
}
