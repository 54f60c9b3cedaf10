/** A machine that somebody else is switching: who, since when, and what to do. */
import { LockedError } from "../../errors.ts";
import type { Machine } from "../../machine/machine.ts";
import { type Activation, type Answer, readActivation } from "./answer.ts";

/** For an answer `locked`. */
export function lockedBy({ name, where }: Pick<Machine, "name" | "where">, answer: Answer): LockedError {
  const { words } = answer;
  const id = words.get("holder") ?? "";
  const leftBehind = words.get("left-behind");
  const log = `/run/floe/activations/${id}/log`;
  if (!words.has("state"))
    return new LockedError(`"${name}" is being switched by another floe (${id})`, {
      hint: `Try again when it is over; its log is ${log} on ${where}`,
    });
  const activation = readActivation(answer);
  const { by, fleet, secondsLeft, ageSeconds } = activation;
  const who = `${by || "somebody"}${fleet === "" ? "" : ` (fleet "${fleet}")`}`;
  const details = { holder: { id, by, fleet, state: activation.state, ageSeconds, leftBehind } };
  if (leftBehind !== undefined)
    return new LockedError(`A switch of "${name}" by ${who} goes on without its supervisor, as process ${leftBehind}`, {
      hint: `Wait until it ends, or end it on ${where}: kill -- -${leftBehind}`,
      details,
    });
  return new LockedError(`"${name}" is ${doing(activation)} by ${who}${since(ageSeconds)}`, {
    hint:
      activation.state === "waiting" && secondsLeft !== undefined
        ? `It goes back by itself in ${secondsLeft} seconds unless they confirm it: try again then`
        : `Try again when it is over; its log is ${log} on ${where}`,
    details,
  });
}

/** For an answer `busy`: nixos-rebuild, or a switch that somebody started by hand. */
export function lockedByOther({ name, where }: Pick<Machine, "name" | "where">, unit: string): LockedError {
  const isUnit = unit.includes(".");
  return new LockedError(
    `"${name}" is being switched by ${isUnit ? `nixos-rebuild (${unit})` : "a switch-to-configuration that floe did not start"}`,
    {
      hint: `Try again when it is over${isUnit ? `; see systemctl status ${unit} on ${where}` : ""}`,
      details: { holder: { unit } },
    },
  );
}

// --- internal ---

function doing({ state }: Activation): string {
  if (state === "waiting") return "switched, and waits to be confirmed,";
  if (state === "going-back") return "being brought back to the system before";
  return "being switched";
}

function since(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  if (seconds < 120) return ` since ${seconds} seconds`;
  return ` since ${Math.round(seconds / 60)} minutes`;
}
