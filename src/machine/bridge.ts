/** A socket of this machine behind which a program on another one speaks: nix takes it for the daemon of a store. */
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { socketPath } from "./runtime-folder.ts";

export interface Bridge {
  readonly path: string;
  close(): Promise<void>;
}

/** `start` runs the program for one caller, with the socket as its input and output; it throws nothing. */
export async function openBridge(env: NodeJS.ProcessEnv, start: (socket: Socket) => Promise<void>): Promise<Bridge> {
  const path = socketPath(env);
  const running = new Map<Socket, Promise<void>>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // A caller that is gone shows as the end of the program.
    socket.on("error", () => undefined);
    const ended = start(socket).then(() => {
      // What the program said still goes out; what the caller goes on saying is read by nobody.
      socket.destroySoon();
      running.delete(socket);
    });
    running.set(socket, ended);
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
  return {
    path,
    async close() {
      server.close();
      for (const socket of running.keys()) socket.destroy();
      await Promise.all(running.values());
      rmSync(path, { force: true });
    },
  };
}
