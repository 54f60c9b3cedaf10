/** Running a command in an instance and collecting what it prints. */
import { Writable } from "node:stream";
import type { Api } from "./api.ts";
import { consoleStream } from "./console-stream.ts";
import { execStream } from "./exec-stream.ts";
import type { IncusClient } from "./types.ts";

type ExecCalls = Pick<IncusClient, "exec" | "execStream" | "attachConsole">;

export function execCalls(api: Api): ExecCalls {
  return {
    // Incus could record the output itself, but then the command cannot be ended early, and its files stay on the server.
    async exec(project, name, command, options = {}) {
      const stdout = new Collector();
      const stderr = new Collector();
      const exitCode = await execStream(api, project, name, command, { stdout, stderr }, options);
      return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
    },
    execStream: (project, name, command, streams, options = {}) =>
      execStream(api, project, name, command, streams, options),
    attachConsole: (project, name, streams, options = {}) => consoleStream(api, project, name, streams, options),
  };
}

// --- internal ---

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
