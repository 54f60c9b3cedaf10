import { resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import { type FlakeAdoption, flakeAdoption, load, projectAbove, type Work } from "../../pipeline.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { renderAdditions, renderAdopted, renderFlake } from "../render/adopt-flake.ts";

export interface AdoptFlags extends GlobalFlags {
  readonly dryRun: boolean;
}

export async function adopt(this: Cli, flags: AdoptFlags): Promise<void> {
  const { findFlake, leavingNoTrace, proposeFlakeAdoption } = await flakeAdoption();
  const root = findFlake(resolve(this.cwd, flags.project ?? "."));
  const project = projectAbove(root);
  await withProgress(this, flags, async (progress) => {
    const work = { emit: progress.emit, signal: this.signal };
    const propose = async (): Promise<boolean> => {
      if (project?.root === root) return compare(this, flags, root, work, progress.pause);
      const adoption = await proposeFlakeAdoption(root, work);
      progress.pause();
      return offer(this, flags, adoption);
    };
    await leavingNoTrace(root, propose, (isWritten) => isWritten);
  });
}

// --- internal ---

/** True when it was written. */
async function offer(cli: Cli, flags: AdoptFlags, adoption: FlakeAdoption): Promise<boolean> {
  const { hosts, homes, containers, shells } = adoption.found;
  const isNothing = hosts.length + homes.length + containers.length + shells.length === 0;
  if (flags.dryRun && !isNothing) {
    writeResult(cli, flags, "adopt-flake", documentOf(adoption, false), (options) =>
      renderFlake(adoption, { ...options, withText: true }),
    );
    return false;
  }
  cli.process.stderr.write(renderFlake(adoption, { ...textOptions(cli, flags, "stderr"), withText: flags.verbose }));
  if (isNothing)
    throw new ConfigError(
      "There is nothing to take over: the flake has no hosts, homes, container images or dev shells",
      {
        hint: "floe init begins a project of its own in an empty folder",
        details: documentOf(adoption, false),
      },
    );
  if (!(await confirm(cli, flags, "Write these files? flake.nix stays as it is"))) {
    cli.process.stderr.write("Nothing was changed\n");
    cli.exitCode = 130;
    return false;
  }
  const { writeFlakeAdoption } = await flakeAdoption();
  const isLinked = writeFlakeAdoption(adoption);
  writeResult(cli, flags, "adopt-flake", { ...documentOf(adoption, true), linked: isLinked }, (options) =>
    renderAdopted(adoption, { ...options, isLinked }),
  );
  return true;
}

/** There is a floe.config.ts: it stays, and what it does not name yet is told. */
async function compare(cli: Cli, flags: AdoptFlags, root: string, work: Work, pause: () => void): Promise<boolean> {
  const { additionsTo, countEntries, proposeFlakeAdoption } = await flakeAdoption();
  const fleet = await load({ root, configFile: projectAbove(root)?.configFile ?? "floe.config.ts" }, work);
  if (fleet.flake === undefined)
    throw new ConfigError(
      `The flake in "${root}" is written by floe from floe.config.ts: there is nothing to take over`,
      {
        hint: "To take over containers that run: floe adopt incus",
      },
    );
  const adoption = await proposeFlakeAdoption(root, work);
  pause();
  const additions = additionsTo(fleet, adoption.found);
  const count = countEntries(additions);
  const result = { ...documentOf(adoption, false), files: [], additions };
  writeResult(cli, flags, "adopt-flake", result, (options) => renderAdditions(additions, adoption, options));
  if (count > 0) cli.exitCode = 2;
  return true;
}

function documentOf(adoption: FlakeAdoption, isWritten: boolean): Readonly<Record<string, unknown>> {
  const { files, ...rest } = adoption;
  return { ...rest, files: files.map(({ text: _, ...file }) => file), written: isWritten };
}
