/**
 * A way to a Unix socket on which something can happen: it is cut, the answer to a request is lost, or somebody else is
 * faster. It knows as much of HTTP as the first line of a request.
 */
import net from "node:net";
import path from "node:path";

export interface CutSocket {
  /** The socket to connect to. */
  readonly path: string;
  /** Ends every connection, and refuses new ones until `mend`. */
  cut(): void;
  mend(): void;
  /** The next request whose first line matches waits for `act`, and is sent on afterwards. */
  before(firstLine: RegExp, act: () => unknown): void;
  /** The next request that matches reaches the server, but its answer does not come back: the connection is cut. */
  loseAnswer(firstLine: RegExp, whenLost: () => void): void;
  /** Forgets what was to happen and has not. */
  calm(): void;
  close(): void;
}

/** In which a server has read what was sent to it, and is at it. */
const readMs = 15;

export async function cutSocket(folder: string, target: string): Promise<CutSocket> {
  const open = new Set<net.Socket>();
  let isCut = false;
  let next: { readonly firstLine: RegExp; readonly act: () => unknown; readonly after: boolean } | undefined;
  const cut = (): void => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  const forward = async (client: net.Socket, there: net.Socket, data: Buffer): Promise<void> => {
    const firstLine = data.subarray(0, 400).toString("latin1").split("\r\n")[0] ?? "";
    const event = next?.firstLine.test(firstLine) ? next : undefined;
    if (event === undefined) return void there.write(data);
    next = undefined;
    client.pause();
    if (!event.after) await event.act();
    there.write(data);
    client.resume();
    if (event.after) setTimeout(event.act, readMs);
  };
  const server = net.createServer((client) => {
    if (isCut) return void client.destroy();
    const there = net.connect(target);
    for (const [one, other] of [
      [client, there],
      [there, client],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("end", () => other.end());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    there.pipe(client);
    client.on("data", (data: Buffer) => void forward(client, there, data));
  });
  const file = path.join(folder, "cut.socket");
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return {
    path: file,
    cut,
    mend() {
      isCut = false;
    },
    before(firstLine, act) {
      next = { firstLine, act, after: false };
    },
    loseAnswer(firstLine, whenLost) {
      const lose = (): void => {
        cut();
        whenLost();
      };
      next = { firstLine, act: lose, after: true };
    },
    calm() {
      next = undefined;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
