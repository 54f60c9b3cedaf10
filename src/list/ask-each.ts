/** Asks every server of the fleet, all at once; one that does not answer is a problem of its own. */
import { CancelledError, FloeError } from "../errors.ts";
import type { IncusClient } from "../incus/types.ts";
import type { Fleet, Server } from "../model/fleet.ts";
import type { Problem } from "../model/plan.ts";
import { connectServer } from "../remotes/connect-server.ts";
import { defined } from "../util/defined.ts";

/** What one server answered. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string; readonly hint?: string };

export async function askEach<T>(
  fleet: Fleet,
  signal: AbortSignal,
  question: (client: IncusClient) => Promise<T>,
): Promise<Record<string, Answer<T>>> {
  const servers = Object.values(fleet.servers);
  const answers = await Promise.all(
    servers.map(async (server) => [server.name, await ask(server, signal, question)] as const),
  );
  return Object.fromEntries(answers);
}

/** The servers that did not answer. */
export function problemsOf(answers: Readonly<Record<string, Answer<unknown>>>): Problem[] {
  return Object.entries(answers).flatMap(([server, answer]) => {
    if (answer.ok) return [];
    const { message, hint } = answer;
    return [{ subject: `server ${server}`, message, ...defined({ hint }) }];
  });
}

// --- internal ---

async function ask<T>(
  server: Server,
  signal: AbortSignal,
  question: (client: IncusClient) => Promise<T>,
): Promise<Answer<T>> {
  try {
    const client = await connectServer(server, { signal });
    try {
      return { ok: true, value: await question(client) };
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof FloeError) || error instanceof CancelledError) throw error;
    return { ok: false, message: error.message, ...defined({ hint: error.hint }) };
  }
}
