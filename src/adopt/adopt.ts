/** Taking over what exists, as its verbs ask for it. */
import { randomBytes } from "node:crypto";

export { carryOutAdoption, type ProposedAdoption, proposeAdoption } from "./adopt-incus.ts";

/** Stands where the id of an apply stands on what an apply made. */
export function adoptionId(): string {
  return `adopt-${randomBytes(4).toString("hex")}`;
}
