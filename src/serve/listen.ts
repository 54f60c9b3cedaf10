import type { Server } from "node:http";
import { UsageError } from "../errors.ts";

/** Where people look for it. */
export const customPort = 4790;
/** Ports that are tried when nobody asked for one. */
const tried = 20;

/** @throws UsageError when the address or the port that was asked for cannot be had */
export async function listen(server: Server, address: string, port: number | undefined): Promise<void> {
  const ports = port === undefined ? Array.from({ length: tried }, (_, index) => customPort + index) : [port];
  for (const [index, candidate] of ports.entries()) {
    const error = await tryListen(server, address, candidate);
    if (error === undefined) return;
    const isTaken = error.code === "EADDRINUSE";
    if (isTaken && index < ports.length - 1) continue;
    throw new UsageError(
      `Cannot listen on ${address}, port ${candidate}: ${isTaken ? "it is in use" : error.message}`,
      {
        hint: isTaken ? "Another one: --port N; 0 takes any that is free" : undefined,
        cause: error,
      },
    );
  }
}

/** Undefined: it listens. */
export function tryListen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      server.off("listening", done);
      resolve(error);
    };
    const done = (): void => {
      server.off("error", failed);
      resolve(undefined);
    };
    server.once("error", failed).once("listening", done).listen({ host, port, exclusive: true });
  });
}
