import { load } from "../../pipeline.ts";
import type { Cli } from "../context.ts";
import type { GlobalFlags } from "../flags.ts";
import { openInstance } from "../instance.ts";
import { withProgress } from "../progress.ts";
import { openProject } from "../project.ts";
import { document, toJsonLine } from "../render/json.ts";
import { rawTerminal } from "../terminal.ts";

/** The best shell there is; NixOS and Debian have both, a busybox has `sh` only. */
const shell = ["/bin/sh", "-c", 'exec "$(command -v bash || echo /bin/sh)" -l'];

export async function exec(this: Cli, flags: GlobalFlags, ...words: string[]): Promise<void> {
  const [word = "", ...rest] = words;
  const command = rest.length === 0 ? shell : rest;
  const fleet = await withProgress(this, flags, ({ emit }) =>
    load(openProject(this, flags), { emit, signal: this.signal }),
  );
  const { client, project, name } = await openInstance(this, fleet, word);
  try {
    if (flags.json) {
      const result = await client.exec(project, name, command, { signal: this.signal });
      this.process.stdout.write(toJsonLine(document("exec", { name, ...result })));
      this.exitCode = result.exitCode;
      return;
    }
    const terminal = rawTerminal(this);
    try {
      this.exitCode = await client.execStream(project, name, command, terminal.streams, {
        signal: this.signal,
        environment: terminal.environment,
      });
    } finally {
      terminal.restore();
    }
  } finally {
    client.close();
  }
}
