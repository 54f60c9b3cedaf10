/** adopt: taking over what was made without floe. */

/** Taking over instances that were made by hand. */
export async function adoption(): Promise<typeof import("../adopt/adopt.ts")> {
  return import("../adopt/adopt.ts");
}

/** Taking over a flake that exists. */
export async function flakeAdoption(): Promise<typeof import("../adopt-flake/adopt-flake.ts")> {
  return import("../adopt-flake/adopt-flake.ts");
}
