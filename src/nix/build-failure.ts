import { NixError } from "../errors.ts";
import { stripAnsi } from "../util/ansi.ts";
import { drvName, findInClosure, hasOutput } from "./drv.ts";
import type { NixLogReader } from "./log-reader.ts";

/** What a failed `nix build` left to read. */
export interface FailedBuild {
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly log: NixLogReader;
}

const DISK_FULL = /no space left on device|disk quota exceeded/i;

/**
 * The error of one derivation. What really failed may be something it needs: then the message names that, and shows the end of that one's
 * log.
 */
export function buildFailure(
  wanted: { readonly name: string; readonly drvPath: string },
  failed: FailedBuild,
): NixError {
  const messages = failed.log.errors.map((error) => stripAnsi(error.raw ?? error.text).replace(/^error:\s*/, ""));
  const broken = findInClosure(wanted.drvPath, brokenDrvs(messages, failed.log));
  if (broken === undefined) return unattributed(wanted, failed, messages);
  const log = failed.log.builds.get(broken) ?? [];
  const isFull = [...log, ...messages].some((line) => DISK_FULL.test(line));
  const what = broken === wanted.drvPath ? "" : `, because "${drvName(broken)}" does not build`;
  const tail = log.length === 0 ? "" : `; the last lines of its log:\n${log.map((line) => `  ${line}`).join("\n")}`;
  const command = `nix-store --read-log ${broken}`;
  return new NixError(
    `Cannot build "${wanted.name}"${what}: ${isFull ? "the disk is full" : reasonOf(broken, messages)}${tail}`,
    {
      hint: isFull
        ? "Free some space (nix-collect-garbage removes what nothing uses), then repeat the command"
        : log.length === 0
          ? undefined
          : `See the whole log with: ${command}`,
      details: {
        ...factsOf(failed),
        drvPath: wanted.drvPath,
        failedDrv: broken,
        log,
        logCommand: command,
        diskFull: isFull,
      },
    },
  );
}

// --- internal ---

/** The derivations that failed themselves: named in an error that is not about a dependency. */
function brokenDrvs(messages: readonly string[], log: NixLogReader): ReadonlySet<string> {
  const own = messages.filter((text) => !isAboutDependencies(text) && !/^build of /.test(text));
  const named = own.flatMap((text) => text.match(/\/nix\/store\/[0-9a-z]{32}-[^\s'"]+?\.drv(?!\w)/)?.[0] ?? []);
  if (named.length > 0) return new Set(named);
  // No error names one: the disk filled up, or the connection to the store broke. What had begun and has no output is the best answer.
  return new Set([...log.builds.keys()].filter((drv) => !hasOutput(drv)));
}

function isAboutDependencies(text: string): boolean {
  return /\d+ dependenc(?:y|ies) (?:of derivation|failed)/.test(text);
}

function reasonOf(drv: string, messages: readonly string[]): string {
  const text =
    messages.find((message) => message.includes(drv) && !isAboutDependencies(message)) ?? "it did not finish";
  const exit = /failed (with exit code \d+|due to signal \d+[^\n;]*)/.exec(text)?.[0];
  if (exit !== undefined) return `the builder ${exit}`;
  const reason = /Reason:\s*([^\n]*)/.exec(text)?.[1]?.replace(/\.$/, "");
  return reason ?? text.replace(/[;.]?\s*last \d+ log lines:[\s\S]*$/, "").trim();
}

/** Not begun because another build failed, or nix itself failed: the disk, the store, the network. */
function unattributed(
  wanted: { readonly name: string; readonly drvPath: string },
  failed: FailedBuild,
  messages: readonly string[],
): NixError {
  const text = messages.at(-1) ?? failed.log.text();
  const isFull = messages.some((message) => DISK_FULL.test(message));
  const isOthers = failed.log.builds.size > 0 && !isFull;
  const reason = isOthers
    ? "another build failed first"
    : isFull
      ? "the disk is full"
      : text.trim() || `nix ended with exit code ${failed.exitCode}`;
  return new NixError(`Cannot build "${wanted.name}": ${reason}`, {
    hint: isFull
      ? "Free some space (nix-collect-garbage removes what nothing uses), then repeat the command"
      : undefined,
    details: { ...factsOf(failed), drvPath: wanted.drvPath, diskFull: isFull, notBegun: isOthers },
  });
}

function factsOf({ argv, exitCode, log }: FailedBuild): Record<string, unknown> {
  return { phase: "build", argv, exitCode, stderr: log.text().split("\n").slice(-40).join("\n") };
}
