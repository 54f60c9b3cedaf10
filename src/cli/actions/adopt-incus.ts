import { resolve } from "node:path";
import { UsageError } from "../../errors.ts";
import type { Fleet } from "../../model/fleet.ts";
import { acquireLock, adoption, connectTo, load } from "../../pipeline.ts";
import { nearest } from "../../util/nearest.ts";
import { confirm } from "../confirm.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { textOptions, writeResult } from "../output.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { renderAdopted, renderProposal } from "../render/adopt.ts";

export interface AdoptIncusFlags extends GlobalFlags {
  readonly server?: string;
  readonly incusProject?: string;
  readonly from?: string;
  readonly profiles: boolean;
  readonly fold: boolean;
}

export async function adoptIncus(this: Cli, flags: AdoptIncusFlags, ...names: string[]): Promise<void> {
  const project = openProject(this, flags);
  const lock = acquireLock(project.root, "adopt");
  try {
    await withProgress(this, flags, async (progress) => {
      const work = { emit: progress.emit, signal: this.signal };
      const fleet = await load(project, work);
      const server = serverOf(fleet, flags.server);
      const client = await connectTo(fleet, server, this.signal);
      try {
        const { proposeAdoption, carryOutAdoption, adoptionId } = await adoption();
        const { incusProject = "default", from, profiles, fold } = flags;
        const place = { server, project: incusProject, from: from && resolve(this.cwd, from) };
        const proposed = await proposeAdoption(fleet, client, { ...place, names, profiles, fold }, this.signal);
        progress.pause();
        const files = [...proposed.files.keys()];
        const { adoption: found } = proposed;
        const result = { ...found, instances: found.instances.map(({ name }) => name), files };
        if (files.length === 0) {
          writeResult(this, flags, "adopt", result, (options) => renderProposal(proposed, options));
          return;
        }
        this.process.stderr.write(renderProposal(proposed, textOptions(this, flags, "stderr")));
        if (!(await confirm(this, flags, "Write these files and take over these instances?"))) {
          this.process.stderr.write("Nothing was changed\n");
          this.exitCode = 130;
          return;
        }
        await carryOutAdoption(project.root, client, proposed, adoptionId(), () => load(project, work));
        progress.pause();
        writeResult(this, flags, "adopt", result, (options) => renderAdopted(proposed, options));
      } finally {
        client.close();
      }
    });
  } finally {
    lock.release();
  }
}

// --- internal ---

function serverOf({ servers }: Fleet, wanted: string | undefined): string {
  const names = Object.keys(servers);
  const server = wanted ?? (names.includes("local") ? "local" : names.length === 1 ? names[0] : undefined);
  if (server !== undefined && names.includes(server)) return server;
  const near = wanted === undefined ? undefined : nearest(wanted, names);
  throw new UsageError(
    wanted === undefined ? "Which server? The project has several" : `The project has no server "${wanted}"`,
    {
      hint: near === undefined ? `Servers: ${names.join(", ")}` : `Did you mean ${near}?`,
    },
  );
}
