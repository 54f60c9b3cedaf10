import { FloeError } from "../../errors.ts";
import { readIdentity } from "../../machine/identity.ts";
import type { Machine } from "../../machine/machine.ts";
import { rememberHost } from "./identity.ts";

/** Notes as what a host is known from now on: its name may have changed with its system. What cannot be noted is noted the next time. */
export async function rememberMachine(root: string, machine: Machine): Promise<void> {
  try {
    rememberHost(root, machine.name, await readIdentity(machine));
  } catch (error) {
    if (!(error instanceof FloeError)) throw error;
  }
}
