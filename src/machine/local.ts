/** This machine. */
import { ConnectionError, ExecError, MissingError } from "../errors.ts";
import { run } from "../exec/run.ts";
import { stdinOf } from "./input.ts";
import type { Transport } from "./transport.ts";

export function localTransport(env: NodeJS.ProcessEnv | undefined): Transport {
  return {
    where: "this machine",
    async exec(argv, { input, output, signal, timeoutMs, onStdoutLine, onStderrLine }) {
      try {
        const {
          exitCode,
          signal: ended,
          stdout,
          stderr,
        } = await run(argv, {
          ...(env === undefined ? {} : { env }),
          ...stdinOf(input),
          stdout: output,
          signal,
          timeoutMs,
          onStdoutLine,
          onStderrLine,
        });
        return { exitCode: exitCode ?? 128 + (ended === "SIGKILL" ? 9 : 15), stdout, stderr };
      } catch (error) {
        // As a shell on another machine says it.
        if (error instanceof MissingError) return { exitCode: 127, stdout: "", stderr: error.message };
        if (error instanceof ExecError)
          throw new ConnectionError(error.message, { cause: error, details: { where: "this machine" } });
        throw error;
      }
    },
    close: async () => {},
  };
}
